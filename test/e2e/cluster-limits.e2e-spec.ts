// WORKERS=2: what a tenant may have and what may wait is shared among the workers, as the pool is; and where a worker's part
// of the pool is too small to keep anything for neighbours, the start says so, once.
import { runHosted } from '../support/hosted-commands.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { untilWaiting } from '../support/until-waiting.js';
import {
  lockPolls,
  startWorkers,
  statusFrom,
  statusOfPolls,
  workersOf,
} from './cluster-support.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
}, 120_000);

afterAll(() => database.drop());

it('shares the limits of a tenant among the workers', async () => {
  const server = await startWorkers(database, {
    DATABASE_POOL_SIZE: '8',
    TENANT_MAX_CONNECTIONS: '2',
    TENANT_MAX_WAITING: '2',
  });
  const created = await runHosted(['create-tenant', '--name', 'acme', '--json'], {
    DATABASE_URL: database.url,
  });
  const { tenant_uuid: tenant } = JSON.parse(created.out) as { tenant_uuid: string };
  // Both serve.
  for (const worker of workersOf(server)) {
    expect(await statusFrom(worker, server, tenant)).toBe(200);
  }
  const unlock = await lockPolls(database, 'acme');
  const requests: Promise<number | undefined>[] = [];
  let refused = 0;
  const ask = async (): Promise<number | undefined> => {
    const status = await statusOfPolls(server.url, tenant);
    if (status === 503) refused += 1;
    return status;
  };
  await untilWaiting(database, 2, () => requests.push(ask()));
  while (refused < 20) {
    requests.push(ask());
    await untilWaiting(database, 2);
  }
  const running = await untilWaiting(database, 2);
  await unlock();
  await Promise.all(requests);
  const { out } = await server.stop('SIGTERM');
  expect(running).toHaveLength(2);
  expect(out).not.toContain('DATABASE_POOL_SIZE=');
}, 180_000);

it('says, once, when a part of the pool is too small to keep any of it for neighbours', async () => {
  const server = await startWorkers(database, { DATABASE_POOL_SIZE: '7' });
  const { out } = await server.stop('SIGTERM');
  expect(out.match(/DATABASE_POOL_SIZE=8/g)).toHaveLength(1);
}, 180_000);
