// Failures of the server: a message with the reason and the next action, without a password, and no remaining process. A port
// that another process uses is not a failure.
import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { serverAccount } from '../src/binaries/account.js';
import { locateBinaries } from '../src/binaries/binaries.js';
import { layoutOf } from '../src/layout.js';
import { pgdata } from '../src/server/server.interface.js';
import { list, query, serverPid } from 'test-support/inspect.js';
import { until } from 'test-support/poll.js';
import { Sandbox } from './support/sandbox.js';
import type { ChildError, TestProcess } from './support/test-process.js';

describe('when the embedded server cannot be used', () => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await Sandbox.create();
  });
  afterAll(() => sandbox.remove());

  /** A data directory with a cluster whose server is stopped. */
  const used = async () => {
    const dataDir = await sandbox.usedDataDir();
    const process = sandbox.process();
    const { url } = await process.acquire(dataDir);
    await process.release();
    return { dataDir, process, url, root: join(dataDir, 'postgres') };
  };

  it('a setting that the server refuses is named, with the end of its log', async () => {
    const { dataDir, process, url } = await used();
    const { code, message } = await failure(process, dataDir, { shared_buffers: 'nonsense' });
    expect(code).toBe('START_FAILED');
    expect(message).toContain(`The embedded PostgreSQL of ${dataDir} did not start.`);
    expect(message).toContain('invalid value for parameter "shared_buffers": "nonsense"');
    expect(message).toContain('set DATABASE_URL to use another PostgreSQL server');
    expect(message).not.toContain(new URL(url).password);
    expect(await serverPid(dataDir)).toBeUndefined();
    expect(await list(dataDir, 'users')).toEqual([]);
  });

  it('a value with quotes and blanks reaches the server as it is', async () => {
    const { dataDir, process } = await used();
    const strange = `it's "$HOME" \`x\` %a `;
    const { url } = await process.acquire(dataDir, { log_line_prefix: strange });
    const [row] = await query(url, 'SHOW log_line_prefix');
    expect(row).toEqual({ log_line_prefix: strange });
    await process.release();
  });

  it('leaves data of another major version alone', async () => {
    const { dataDir, process, root } = await used();
    await writeFile(join(root, 'cluster/PG_VERSION'), '17\n');
    const { code, message } = await failure(process, dataDir);
    expect(code).toBe('OTHER_VERSION');
    expect(message).toBe(
      `The data in ${dataDir} belongs to PostgreSQL 17, but the installed version is 18. Move ${root} away to start with ` +
        'an empty database. Or set DATABASE_URL to a server of version 17.',
    );
    expect(await readFile(join(root, 'cluster/PG_VERSION'), 'utf8')).toBe('17\n');
  });

  it('lost passwords are said to be lost, and nothing is started', async () => {
    const { dataDir, process, root } = await used();
    await rm(join(root, 'secrets.json'));
    const { code, message } = await failure(process, dataDir);
    expect(code).toBe('DATA_DIRECTORY');
    expect(message).toContain(`are not in ${join(root, 'secrets.json')}`);
    expect(await serverPid(dataDir)).toBeUndefined();
  });

  it('passwords of another cluster are refused, and the server does not stay', async () => {
    const { dataDir, process, root } = await used();
    const wrong = { tenant_schemas: 'wrong-one', postgres: 'wrong-two' };
    await writeFile(join(root, 'secrets.json'), JSON.stringify(wrong));
    const { code, message } = await failure(process, dataDir);
    expect(code).toBe('DATA_DIRECTORY');
    expect(message).toContain('refuses the login tenant_schemas');
    expect(message).not.toContain('wrong-one');
    expect(await serverPid(dataDir)).toBeUndefined();
  });

  it('a data directory that is a file is said to be unusable', async () => {
    const dataDir = join(sandbox.root, 'a-file');
    await writeFile(dataDir, '');
    const { code, message } = await failure(sandbox.process(), dataDir);
    expect(code).toBe('DATA_DIRECTORY');
    expect(message).toContain(`cannot use the data directory ${dataDir}: ENOTDIR`);
  });

  it('leaves a server alone that was started by hand on the data', async () => {
    const { dataDir, process, root } = await used();
    const layout = layoutOf(dataDir);
    const account = await serverAccount(layout);
    const { postgres } = await locateBinaries(account);
    const cwd = join(root, 'cluster');
    const sockets = join(sandbox.root, 'sockets');
    await mkdir(sockets);
    await chmod(sockets, 0o777);
    const args = ['-D', pgdata(account, cwd), '-c', 'listen_addresses=', '-k', sockets];
    const server = spawn(postgres, args, { ...account, cwd, stdio: 'ignore' });
    const ended = once(server, 'exit');
    await until('it runs', async () => (await serverPid(dataDir)) === server.pid);
    const { code, message } = await failure(process, dataDir);
    expect(code).toBe('START_FAILED');
    expect(message).toContain(`started by other means (process ${server.pid}) runs on ${cwd}`);
    expect(await serverPid(dataDir)).toBe(server.pid);
    server.kill('SIGQUIT');
    await ended;
  });

  it('replaces a port that another process uses', async () => {
    const { dataDir, process, url } = await used();
    const before = Number(new URL(url).port);
    const squatter = createServer().listen(before, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      const server = await process.acquire(dataDir);
      expect(Number(new URL(server.url).port)).not.toBe(before);
      expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await process.release();
    } finally {
      squatter.close();
    }
  });
});

async function failure(
  process: TestProcess,
  dataDir: string,
  settings?: Record<string, string>,
): Promise<ChildError> {
  return process.acquire(dataDir, settings).then(
    () => {
      throw new Error('It could be used.');
    },
    (error: ChildError) => error,
  );
}
