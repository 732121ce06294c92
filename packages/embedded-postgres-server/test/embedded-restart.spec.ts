// Proves: a server that is killed under the processes that keep it running is started again by exactly one of them, on the
// same port and with all that was committed; each outage is logged once, also if the start fails for a while.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { list, query, serverPid } from 'test-support/inspect.js';
import { until } from 'test-support/poll.js';
import { Sandbox } from './support/sandbox.js';
import type { TestProcess } from './support/test-process.js';

jest.setTimeout(120_000);

const ENDED = 'the embedded PostgreSQL has ended, starting it again';
const WAITING = /^A PostgreSQL server that was started by other means/;
const STARTED = expect.stringMatching(/^started PostgreSQL \d+\.\d+ on port \d+$/);
const STOPPED = 'stopped PostgreSQL';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await Sandbox.create();
});

afterAll(() => sandbox.remove());

/** `kill -9` of the server. */
async function killServer(dataDir: string): Promise<void> {
  const pid = await serverPid(dataDir);
  if (pid === undefined) throw new Error('No server runs.');
  process.kill(pid, 'SIGKILL');
  await until('the server is gone', async () => (await serverPid(dataDir)) !== pid);
}

const works = (url: string): Promise<boolean> =>
  query(url, 'SELECT 1 AS one').then(
    () => true,
    () => false,
  );

async function logsOf(processes: readonly TestProcess[]): Promise<string[][]> {
  const logs: string[][] = [];
  for (const process of processes) logs.push((await process.release()).logs);
  return logs;
}

it('a killed server starts again at the same URL with all committed data, every time', async () => {
  const dataDir = await sandbox.usedDataDir();
  const keeper = sandbox.process();
  const { url } = await keeper.keep(dataDir);
  await query(url, 'CREATE SCHEMA kept; CREATE TABLE kept.turns (turn int)');
  for (const turn of [1, 2, 3]) {
    await query(url, `INSERT INTO kept.turns VALUES (${turn})`);
    await killServer(dataDir);
    await until('the server works', () => works(url));
    // Killed before the start is over, it would be started once more within the same outage.
    await until('the start is over', async () => (await list(dataDir, 'lock')).length === 0);
  }
  expect(await query(url, 'SELECT turn FROM kept.turns ORDER BY turn')).toEqual(
    [1, 2, 3].map((turn) => ({ turn })),
  );
  const outage = [ENDED, STARTED];
  // A killed server's backends may outlive it for a moment, for which a start waits.
  const logs = (await keeper.release()).logs.filter((line) => !WAITING.test(line));
  expect(logs).toEqual([...outage, ...outage, ...outage, STOPPED]);
  expect(await serverPid(dataDir)).toBeUndefined();
});

it('exactly one of several processes starts a killed server again', async () => {
  const dataDir = await sandbox.usedDataDir();
  const processes = Array.from({ length: 4 }, () => sandbox.process());
  const servers = await Promise.all(processes.map((process) => process.keep(dataDir)));
  const { url } = servers[0] ?? { url: '' };
  await killServer(dataDir);
  await until('the server works', () => works(url));
  const logs = await logsOf(processes);
  const starters = logs.filter((lines) => lines.includes(ENDED));
  expect(starters.map((lines) => lines.slice(0, 2))).toEqual([[ENDED, STARTED]]);
  expect(logs.flat()).toHaveLength(3);
  const text = await readFile(join(dataDir, 'postgres/server.log'), 'utf8');
  expect(text.match(/starting PostgreSQL/g)).toHaveLength(2);
});

it('a process starts the server again if the other user is killed together with it', async () => {
  const dataDir = await sandbox.usedDataDir();
  const [first, second] = [sandbox.process(), sandbox.process()];
  const { url } = await first.keep(dataDir);
  await second.keep(dataDir);
  await Promise.all([killServer(dataDir), first.kill()]);
  await until('the server works', () => works(url));
  expect((await second.release()).logs).toEqual([ENDED, STARTED, STOPPED]);
});

it('a start that fails is tried until it works, and its reason is logged once', async () => {
  const dataDir = await sandbox.usedDataDir();
  const keeper = sandbox.process();
  const { url } = await keeper.keep(dataDir);
  const port = Number(new URL(url).port);
  await killServer(dataDir);
  const squatter = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
  try {
    const log = join(dataDir, 'postgres/server.log');
    await until('three attempts', async () => {
      const text = await readFile(log, 'utf8');
      return (text.match(/could not bind/g)?.length ?? 0) >= 3;
    });
  } finally {
    squatter.close();
  }
  await until('the server works', () => works(url));
  const problem = expect.stringMatching(/did not start[^]*could not bind[^]* Trying again\.$/);
  expect((await keeper.release()).logs).toEqual([ENDED, problem, STARTED, STOPPED]);
});

it('a release ends the restarts', async () => {
  const dataDir = await sandbox.usedDataDir();
  const keeper = sandbox.process();
  await keeper.keep(dataDir);
  await killServer(dataDir);
  await keeper.release();
  expect(await serverPid(dataDir)).toBeUndefined();
  expect(await list(dataDir, 'users')).toEqual([]);
  expect(await list(dataDir, 'lock')).toEqual([]);
});
