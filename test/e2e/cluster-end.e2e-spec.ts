// How a server of several workers ends: by a signal, with the requests that run; with its primary; and at once
// when it cannot start, with one reason.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refusedStart } from '../http/server/refused-start.js';
import { isRunning, serverPid } from 'test-support/inspect.js';
import { until } from 'test-support/poll.js';
import { runHosted } from '../support/hosted-commands.js';
import { startServer } from '../support/processes.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { untilWaiting } from '../support/until-waiting.js';
import {
  isAccepting,
  lockPolls,
  startWorkers,
  statusOfPolls,
  WORKERS,
  workersOf,
} from './cluster-support.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
}, 120_000);

afterAll(() => database.drop());

it('finishes what every worker has begun, exits 0, and has printed one banner', async () => {
  // On a loaded machine the usual limit is too short for all workers.
  const server = await startWorkers(database, { SHUTDOWN_TIMEOUT_MS: '60000' });
  const args = ['create-tenant', '--name', 'acme', '--json'];
  const { out } = await runHosted(args, { DATABASE_URL: database.url });
  const { tenant_uuid: tenant } = JSON.parse(out) as { tenant_uuid: string };
  const unlock = await lockPolls(database, 'acme');
  const requests = Array.from({ length: 4 }, () => statusOfPolls(server.url, tenant));
  await untilWaiting(database, 4);
  // As Ctrl-C in a terminal: to all of them.
  for (const worker of workersOf(server)) process.kill(worker, 'SIGINT');
  const ending = server.stop('SIGINT');
  await until('no worker accepts connections', async () => !(await isAccepting(server.url)));
  await unlock();
  const ended = await ending;
  expect(await Promise.all(requests)).toEqual([200, 200, 200, 200]);
  expect({ code: ended.code, err: ended.err }).toEqual({ code: 0, err: '' });
  expect(ended.out.match(/^ {2}API /gm)).toHaveLength(1);
}, 120_000);

it('leaves no worker behind when its primary is killed', async () => {
  const server = await startWorkers(database);
  const workers = workersOf(server);
  expect(workers).toHaveLength(WORKERS);
  await server.stop('SIGKILL');
  await until('no worker is left', async () => {
    const running = await Promise.all(workers.map((worker) => isRunning(worker)));
    return running.every((each) => !each);
  });
}, 120_000);

it('ends with one message if the workers cannot listen', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const refused = await refusedStart({
    DATABASE_URL: database.url,
    WORKERS: '2',
    PORT: String(port),
  });
  taken.close();
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(
    new RegExp(
      `^Port ${port} is in use\\. Stop the process that listens on it, or set PORT to another port\\.\\n` +
        'Worker \\d+ ended before it served requests\\. The primary stops all workers\\.\\n$',
    ),
  );
}, 120_000);

it('shares the embedded server, and stops it when the last process is out', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'nts-'));
  const server = await startServer({ DATA_DIR: dataDir, WORKERS: String(WORKERS) });
  const postgres = (await serverPid(dataDir)) ?? 0;
  expect(await isRunning(postgres)).toBe(true);
  await until('both workers run', () => workersOf(server).length === WORKERS);
  const { code } = await server.stop('SIGTERM');
  const isLeft = await isRunning(postgres);
  rmSync(dataDir, { recursive: true, force: true });
  expect({ code, isLeft }).toEqual({ code: 0, isLeft: false });
}, 120_000);
