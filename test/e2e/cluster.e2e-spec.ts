// WORKERS=2: one port, shared connections, caches that stay right in every worker, and workers that die.
import { until } from 'test-support/poll.js';
import { runHosted } from '../support/hosted-commands.js';
import type { RunningServer } from '../support/processes.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { untilWaiting } from '../support/until-waiting.js';
import {
  connectionsOf,
  lockPolls,
  startWorkers,
  statusFrom,
  statusOfPolls,
  untilListening,
  WORKERS,
  workersOf,
} from './cluster-support.js';

const POOL_SIZE = 5;

let database: TestDatabase;
let server: RunningServer;
let tenant: string;

const command = (...args: string[]) => runHosted(args, { DATABASE_URL: database.url });

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startWorkers(database, { DATABASE_POOL_SIZE: String(POOL_SIZE) });
  const created = await command('create-tenant', '--name', 'acme', '--json');
  tenant = (JSON.parse(created.out) as { tenant_uuid: string }).tenant_uuid;
}, 180_000);

afterAll(async () => {
  await server.stop('SIGTERM');
  await database.drop();
});

it('shares DATABASE_POOL_SIZE among the workers, which all serve', async () => {
  const unlock = await lockPolls(database, 'acme');
  const requests: Promise<number | undefined>[] = [];
  // Not a fixed number: the primary hands fewer of them to a worker that is slow to take them.
  await untilWaiting(database, POOL_SIZE, () => requests.push(statusOfPolls(server.url, tenant)));
  const connections = await connectionsOf(database, 'nest-tenant-schemas');
  await unlock();
  expect(await Promise.all(requests)).toEqual(requests.map(() => 200));
  expect(connections).toBe(POOL_SIZE);
});

it('refuses a suspended tenant in every worker, although each remembers it', async () => {
  const workers = workersOf(server);
  const answers = async (): Promise<(number | undefined)[]> => {
    const all: (number | undefined)[] = [];
    for (const worker of workers) all.push(await statusFrom(worker, server, tenant));
    return all;
  };
  expect(await answers()).toEqual(workers.map(() => 200));
  await command('suspend-tenant', 'acme');
  // A worker without the notification would use its cached tenant for a minute.
  await until(
    'every worker refuses it',
    async () => {
      return (await answers()).every((status) => status === 403);
    },
    10_000,
  );
  await command('resume-tenant', 'acme');
  await until(
    'every worker serves it again',
    async () => {
      return (await answers()).every((status) => status === 200);
    },
    10_000,
  );
});

it('replaces a worker that died, and serves meanwhile', async () => {
  const [victim = 0, survivor = 0] = workersOf(server);
  process.kill(victim, 'SIGKILL');
  await until('the worker is gone', () => !workersOf(server).includes(victim));
  expect(await statusOfPolls(server.url, tenant)).toBe(200);
  await until('there is another one', () => workersOf(server).length === WORKERS);
  await untilListening(database);
  const newcomer = workersOf(server).find((pid) => pid !== survivor) ?? 0;
  expect(await statusFrom(newcomer, server, tenant)).toBe(200);
});
