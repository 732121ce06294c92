// Proves: processes that come or go at the same moment get one cluster, one server, one stop; and the lock that this rests
// on never lets two in, also while its holders are killed.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Claims } from '../src/claims/claims.js';
import { layoutOf, makeDirectories } from '../src/layout.js';
import { list, query, serverPid } from 'test-support/inspect.js';
import { until } from 'test-support/poll.js';
import { Sandbox } from './support/sandbox.js';

jest.setTimeout(120_000);

describe('processes at the same moment', () => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await Sandbox.create();
  });
  afterAll(() => sandbox.remove());

  it('make one cluster and one server, and stop it once', async () => {
    const dataDir = sandbox.dataDir();
    const processes = Array.from({ length: 5 }, () => sandbox.process());
    const servers = await Promise.all(processes.map((process) => process.acquire(dataDir)));
    expect(new Set(servers.map((server) => server.url)).size).toBe(1);
    const lines = servers.flatMap((server) => server.logs);
    expect(lines.filter((line) => line.startsWith('making'))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('started'))).toHaveLength(1);
    const answers = await Promise.all(servers.map((server) => query(server.url, 'SELECT 1 AS n')));
    expect(answers).toEqual(Array.from({ length: 5 }, () => [{ n: 1 }]));

    const ends = await Promise.all(processes.map((process) => process.release()));
    expect(ends.flatMap((end) => end.logs)).toEqual(['stopped PostgreSQL']);
    expect(await serverPid(dataDir)).toBeUndefined();
    const log = await readFile(join(dataDir, 'postgres/server.log'), 'utf8');
    expect(log.match(/received fast shutdown request/g)).toHaveLength(1);
  });

  it('always have a server that works while others come and go', async () => {
    const dataDir = await sandbox.usedDataDir();
    const processes = Array.from({ length: 4 }, () => sandbox.process());
    await Promise.all(
      processes.map(async (process, index) => {
        for (let turn = 0; turn < 6; turn++) {
          const { url } = await process.acquire(dataDir);
          expect(await query(url, `SELECT ${index} AS n`)).toEqual([{ n: index }]);
          await process.release();
        }
      }),
    );
    expect(await serverPid(dataDir)).toBeUndefined();
    expect(await list(dataDir, 'users')).toEqual([]);
  });

  it('are never together inside the lock, also when those inside are killed', async () => {
    const dataDir = sandbox.dataDir();
    const journal = join(sandbox.root, 'journal');
    await makeDirectories(layoutOf(dataDir));
    const work = { do: 'journal', dataDir, journal, turns: 40 } as const;
    const victims = Array.from({ length: 4 }, () => sandbox.process());
    const survivors = Array.from({ length: 4 }, () => sandbox.process());
    const done = survivors.map((process) => process.ask(work));
    const inside = async () => lastEntered(await readFile(journal, 'utf8').catch(() => ''));
    for (const victim of victims) {
      victim.ask({ ...work, turns: 100_000 }).catch(() => undefined);
      await until('the victim is inside', async () => (await inside()) === victim.pid);
      await victim.kill();
    }
    await Promise.all(done);

    const killed = new Set(victims.map((victim) => victim.pid));
    expect(overlaps(await readFile(journal, 'utf8'), killed)).toEqual([]);
    // The last one killed may have been the last one at all; a dead claim is the next one's to remove.
    expect(await new Claims(layoutOf(dataDir).lock).live()).toEqual([]);
  });
});

function lastEntered(journal: string): number | undefined {
  const [what, pid] = journal.trim().split('\n').at(-1)?.split(' ') ?? [];
  return what === 'enter' ? Number(pid) : undefined;
}

/** Lines by which one came in or went out while another, not killed, was inside. */
function overlaps(journal: string, killed: Set<number>): string[] {
  let inside: number | undefined;
  return journal
    .trim()
    .split('\n')
    .filter((line) => {
      const [what, name] = line.split(' ');
      const pid = Number(name);
      const free = inside === undefined || killed.has(inside);
      const wrong = what === 'enter' ? !free : inside !== pid;
      inside = what === 'enter' ? pid : undefined;
      return wrong;
    });
}
