// A tenant that has too many requests is refused with 503 and Retry-After, at once or after a wait; a neighbour and
// the public routes are served meanwhile, and the tenant is again as soon as there is room.
import { DataSource, type QueryRunner } from 'typeorm';
import { tenantContext } from 'nest-tenant-schemas';
import { startApplication, type TestApplication } from '../../support/application.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

const EXHAUSTED = {
  statusCode: 503,
  code: 'POOL_EXHAUSTED',
  message:
    'This tenant has too many requests at the moment. Try again shortly, with fewer requests at once.',
};

let database: TestDatabase;
let application: TestApplication;
let busy: { id: string; schema: string };
let quiet: { id: string };
let held: QueryRunner;

beforeAll(async () => {
  database = await createTestDatabase();
  application = await startApplication(database.url, {
    DATABASE_POOL_SIZE: '3',
    TENANT_MAX_CONNECTIONS: '1',
    TENANT_MAX_WAITING: '1',
    DATABASE_WAIT_TIMEOUT_MS: '300',
  });
  busy = await application.createTenant('Busy');
  quiet = await application.createTenant('Quiet');
});

beforeEach(async () => {
  held = application.app.get(DataSource).createQueryRunner();
  await tenantContext.run(busy, () => held.connect());
});

afterEach(() => held.release());

afterAll(async () => {
  await application.close();
  await database.drop();
});

async function get(path: string, tenant: string): Promise<[number, string | null, unknown]> {
  const response = await fetch(application.url + path, { headers: { 'X-Request-ID': tenant } });
  return [response.status, response.headers.get('retry-after'), await response.json()];
}

it('refuses what would wait behind too many, and what waits too long', async () => {
  const answers = await Promise.all([get('/polls', busy.id), get('/polls', busy.id)]);
  expect(answers).toEqual([
    [503, '5', EXHAUSTED],
    [503, '5', EXHAUSTED],
  ]);
});

it('serves a neighbour and the public routes meanwhile', async () => {
  const waiting = get('/polls', busy.id);
  expect((await get('/polls', quiet.id))[0]).toBe(200);
  expect((await get('/client?tenant_name=Busy', busy.id))[0]).toBe(200);
  expect((await get('/health/ready', busy.id))[0]).toBe(200);
  expect((await waiting)[0]).toBe(503);
});

it('serves who waits as soon as there is room', async () => {
  const waiting = get('/polls', busy.id);
  await application.app.get(DataSource).query('SELECT 1');
  await held.release();
  expect((await waiting)[0]).toBe(200);
  held = application.app.get(DataSource).createQueryRunner();
});
