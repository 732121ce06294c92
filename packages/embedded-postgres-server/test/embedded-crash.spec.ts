// Proves: whatever is killed by kill -9 (users, the server, a process in the middle of making or starting it), and whatever
// it leaves lying about, the next start puts in order; no data is lost and no other process is taken for one of ours.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { serverAccount } from '../src/binaries/account.js';
import { layoutOf } from '../src/layout.js';
import { exists } from '../src/claims/processes.js';
import { isRunning, list, query, serverPid } from 'test-support/inspect.js';
import { until } from 'test-support/poll.js';
import { Sandbox } from './support/sandbox.js';

jest.setTimeout(120_000);

describe('after kill -9', () => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await Sandbox.create();
  });
  afterAll(() => sandbox.remove());

  /** A new process can use the server, and as the last one stops it. */
  const expectRecovery = async (dataDir: string) => {
    const next = sandbox.process();
    const server = await next.acquire(dataDir);
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await next.release()).logs).toEqual(['stopped PostgreSQL']);
    expect(await serverPid(dataDir)).toBeUndefined();
    expect(await list(dataDir, 'users')).toEqual([]);
    expect(await list(dataDir, 'lock')).toEqual([]);
    const names = await list(dataDir);
    expect(names.filter((name) => name.startsWith('initdb-'))).toEqual([]);
    return server;
  };

  it('of a user, the others keep the server and the last of them stops it', async () => {
    const dataDir = await sandbox.usedDataDir();
    const [killed, other] = [sandbox.process(), sandbox.process()];
    await killed.acquire(dataDir);
    const { url } = await other.acquire(dataDir);
    await killed.kill();
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await other.release()).logs).toEqual(['stopped PostgreSQL']);
    expect(await serverPid(dataDir)).toBeUndefined();
  });

  it('of all users at once, the next joins the server they left and stops it', async () => {
    const dataDir = await sandbox.usedDataDir();
    const users = [sandbox.process(), sandbox.process(), sandbox.process()];
    await Promise.all(users.map((user) => user.acquire(dataDir)));
    const pid = await serverPid(dataDir);
    await Promise.all(users.map((user) => user.kill()));
    expect(await serverPid(dataDir)).toBe(pid);
    const { logs } = await expectRecovery(dataDir);
    expect(logs).toEqual([]);
  });

  it('of the server, the next starts it again at the same URL with all that was committed', async () => {
    const dataDir = await sandbox.usedDataDir();
    const user = sandbox.process();
    const before = await user.acquire(dataDir);
    await query(before.url, 'CREATE SCHEMA kept; CREATE TABLE kept.things AS SELECT 42 AS answer');
    process.kill(await pidOf(dataDir), 'SIGKILL');
    const after = await sandbox.process().acquire(dataDir);
    expect(after.url).toBe(before.url);
    expect(await query(after.url, 'SELECT answer FROM kept.things')).toEqual([{ answer: 42 }]);
  });

  it('of the server, its users release it without an error', async () => {
    const dataDir = await sandbox.usedDataDir();
    const user = sandbox.process();
    await user.acquire(dataDir);
    const pid = await pidOf(dataDir);
    process.kill(pid, 'SIGKILL');
    await until('the server is gone', async () => !(await isRunning(pid)));
    expect((await user.release()).logs).toEqual([]);
    await expectRecovery(dataDir);
  });

  it('of the server, a busy session that survives it does not keep the next from starting', async () => {
    const dataDir = await sandbox.usedDataDir();
    const { url } = await sandbox.process().acquire(dataDir);
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const session = rows[0]?.pid ?? 0;
    // Never waits for anything, so it never notices that its parent is gone.
    client.query('DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$').catch(() => undefined);
    await until('the session is busy', async () => {
      const active = `SELECT state FROM pg_catalog.pg_stat_activity WHERE pid = ${session}`;
      return (await query(url, active))[0]?.['state'] === 'active';
    });
    const server = await pidOf(dataDir);
    process.kill(server, 'SIGKILL');
    await until('the server is gone', async () => !(await isRunning(server)));
    expect(await isRunning(session)).toBe(true);
    const next = await sandbox.process().acquire(dataDir);
    expect(await query(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await isRunning(session)).toBe(false);
  });

  // In the order in which they come true during a first start.
  const moments: [string, (dataDir: string) => Promise<unknown>][] = [
    ['it waits for the lock', async (dir) => (await list(dir, 'lock')).length],
    ['initdb has begun', async (dir) => (await staging(dir)).includes('PG_VERSION')],
    ['initdb is half through', async (dir) => (await staging(dir)).includes('postgresql.conf')],
    ['the cluster is complete', async (dir) => (await list(dir)).includes('cluster')],
    ['the server writes its log', async (dir) => (await list(dir)).includes('server.log')],
    ['the server starts', async (dir) => (await list(dir, 'cluster')).includes('postmaster.pid')],
    ['the port is remembered', async (dir) => (await list(dir)).includes('port')],
  ];

  it.each(moments)('of the starter when %s, the next gets a server', async (moment, reached) => {
    const dataDir = sandbox.dataDir();
    const starter = sandbox.process();
    const acquired = starter.acquire(dataDir).catch(() => undefined);
    await until(moment, () => reached(dataDir));
    await starter.kill();
    await acquired;
    const { url } = await expectRecovery(dataDir);
    expect(url).toMatch(/^postgres:/);
  });

  it('of one starter while others wait, these get the server', async () => {
    const dataDir = sandbox.dataDir();
    const [starter, ...others] = Array.from({ length: 4 }, () => sandbox.process());
    const acquired = starter?.acquire(dataDir).catch(() => undefined);
    await until('initdb has begun', async () => (await staging(dataDir)).length > 0);
    const waiting = others.map((other) => other.acquire(dataDir));
    await starter?.kill();
    await acquired;
    const servers = await Promise.all(waiting);
    expect(new Set(servers.map((server) => server.url)).size).toBe(1);
    const ends = await Promise.all(others.map((other) => other.release()));
    expect(ends.flatMap((end) => end.logs)).toEqual(['stopped PostgreSQL']);
  });

  it('a pid given to another process is not mistaken for a user or a holder of the lock', async () => {
    const dataDir = await sandbox.usedDataDir();
    const user = sandbox.process();
    await user.acquire(dataDir);
    const [name = ''] = await list(dataDir, 'users');
    const [, start = '', random = ''] = name.split('.');
    // As if this living process had got the pid of one that is dead; and one without any process.
    const recycled = `${process.pid}.${start}.${random}`;
    const dead = `4194305.${start}.${random}`;
    for (const claim of [recycled, dead]) {
      await writeFile(join(dataDir, 'postgres/users', claim), '');
      await writeFile(join(dataDir, 'postgres/lock', claim), '');
    }
    expect((await user.release()).logs).toEqual(['stopped PostgreSQL']);
    await expectRecovery(dataDir);
  });

  it('a process that its parent has not reaped counts as gone', async () => {
    const script = 'sleep 60 & echo $!; exec sleep 60';
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const zombie = Number(line.toString());
      expect(await isRunning(zombie)).toBe(true);
      process.kill(zombie, 'SIGKILL');
      await until('it counts as gone', async () => !(await isRunning(zombie)), 5000);
      expect(exists(zombie)).toBe(true);
    } finally {
      parent.kill('SIGKILL');
    }
  });

  it('the pid of the server given to another process does not keep it from starting', async () => {
    const dataDir = await sandbox.usedDataDir();
    const user = sandbox.process();
    await user.acquire(dataDir);
    await user.release();
    const account = await serverAccount(layoutOf(dataDir));
    // Of the same account as the server, for PostgreSQL itself takes only such a one for a server.
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { ...account });
    await once(stranger, 'spawn');
    try {
      const pidFile = join(dataDir, 'postgres/cluster/postmaster.pid');
      await writeFile(pidFile, `${stranger.pid}\n${dataDir}\n1\n5432\n\n127.0.0.1\n0 0\nready\n`);
      if (account) await chown(pidFile, account.uid, account.gid);
      await expectRecovery(dataDir);
      expect(await isRunning(stranger.pid ?? 0)).toBe(true);
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  it('of everything many times over, the data is still there', async () => {
    const dataDir = await sandbox.usedDataDir();
    const keeper = sandbox.process();
    const { url } = await keeper.acquire(dataDir);
    await query(url, 'CREATE SCHEMA kept; CREATE TABLE kept.turns (turn int)');
    await keeper.kill();
    for (let turn = 0; turn < 5; turn++) {
      const users = [sandbox.process(), sandbox.process()];
      const [server] = await Promise.all(users.map((user) => user.acquire(dataDir)));
      await query(server?.url ?? '', `INSERT INTO kept.turns VALUES (${turn})`);
      process.kill(await pidOf(dataDir), 'SIGKILL');
      await Promise.all(users.map((user) => user.kill()));
    }
    const last = await sandbox.process().acquire(dataDir);
    expect(await query(last.url, 'SELECT turn FROM kept.turns ORDER BY turn')).toEqual(
      [0, 1, 2, 3, 4].map((turn) => ({ turn })),
    );
  });
});

/** Names in the directory in which a cluster is being made. */
async function staging(dataDir: string): Promise<string[]> {
  const name = (await list(dataDir)).find((one) => one.startsWith('initdb-'));
  return name ? list(dataDir, name) : [];
}

/** The pid of the server, which must run. */
async function pidOf(dataDir: string): Promise<number> {
  const pid = await serverPid(dataDir);
  if (!pid) throw new Error('No server runs.');
  return pid;
}
