// The database goes away under a running application and comes back: 503 with Retry-After meanwhile, and
// everything works again afterwards without a restart.
import pg from 'pg';
import { startApplication, type TestApplication } from '../../support/application.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { testServer } from 'test-support/test-server.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';
const UNAVAILABLE = {
  statusCode: 503,
  code: 'DATABASE_UNAVAILABLE',
  message: 'The database cannot be reached at the moment. Try again shortly.',
};

let database: TestDatabase;
let application: TestApplication;
let admin: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  application = await startApplication(database.url);
  admin = new pg.Client({ connectionString: testServer().directUrl });
  await admin.connect();
});

afterAll(async () => {
  await admin.query(`ALTER DATABASE ${database.name} ALLOW_CONNECTIONS true`);
  await admin.end();
  await application.app.close();
  await database.drop();
});

async function disconnectAll(): Promise<void> {
  await admin.query(`ALTER DATABASE ${database.name} ALLOW_CONNECTIONS false`);
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
    database.name,
  ]);
}

async function get(path: string, tenant: string): Promise<[number, string | null, unknown]> {
  const response = await fetch(application.url + path, { headers: { 'X-Request-ID': tenant } });
  return [response.status, response.headers.get('retry-after'), await response.json()];
}

it('answers 503 while the database is away, and recovers by itself', async () => {
  const { id } = await application.createTenant('Outage');
  const empty = { items: [], next_cursor: null };
  expect(await get('/polls', id)).toEqual([200, null, empty]);

  await disconnectAll();
  expect(await get('/polls', id)).toEqual([503, '5', UNAVAILABLE]);
  expect(await get('/polls', id)).toEqual([503, '5', UNAVAILABLE]);
  expect(await get('/client?tenant_name=Outage', id)).toEqual([503, '5', UNAVAILABLE]);
  expect(await get('/polls', NOBODY)).toEqual([503, '5', UNAVAILABLE]);
  expect(await get('/health/ready', id)).toEqual([
    503,
    '5',
    { ...UNAVAILABLE, details: [{ field: 'database', message: 'database is down' }] },
  ]);
  expect(await get('/health/live', id)).toEqual([200, null, { status: 'ok' }]);

  await admin.query(`ALTER DATABASE ${database.name} ALLOW_CONNECTIONS true`);
  expect(await get('/polls', id)).toEqual([200, null, empty]);
  expect((await get('/health/ready', id))[0]).toBe(200);
});
