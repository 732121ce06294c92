// Connections break under load: the server ends them, or the network cuts them. The affected requests get a 503 with Retry-After,
// acknowledged rows are stored, and the pool recovers without a restart.
import pg from 'pg';
import { startApplication, type TestApplication } from '../support/application.js';
import { type CountingProxy, startCountingProxy } from 'test-support/counting-proxy.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { untilWaiting } from '../support/until-waiting.js';
import { Load } from './load.js';
import { expectAllWritten, expectNothingHeld } from './support.js';

let database: TestDatabase;
let proxy: CountingProxy;
let application: TestApplication;
let tenants: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startCountingProxy(database.url);
  application = await startApplication(proxy.url);
  tenants = [];
  for (const name of ['One', 'Two']) tenants.push((await application.createTenant(name)).id);
});

afterAll(async () => {
  await application.close();
  await proxy.close();
  await database.drop();
});

async function terminateAll(): Promise<void> {
  await database.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'nest-tenant-schemas'`,
  );
}

it.each<[string, () => void | Promise<void>]>([
  ['backends that the server ends', terminateAll],
  ['connections that the network cuts', () => proxy.cut()],
])('recovers from %s under load', async (_title, fail) => {
  const load = new Load(application, tenants);
  for (let round = 0; round < 3; round++) {
    await load.until('201', 20);
    await load.during(fail);
  }
  await load.until('201', 20);
  expect(await load.stop()).toEqual(['200', '201', '503 DATABASE_UNAVAILABLE']);
  await expectAllWritten(load, database.sql);
  await expectNothingHeld(application, database.sql);
});

it.each<[string, () => void | Promise<void>]>([
  ['ended', terminateAll],
  ['cut', () => proxy.cut()],
])('undoes a transaction whose connection is %s in its middle', async (title, fail) => {
  const [tenant = ''] = tenants;
  const question = `Is the connection ${title}?`;
  const blocker = new pg.Client({ connectionString: database.directUrl });
  await blocker.connect();
  await blocker.query('BEGIN; LOCK TABLE one.polls IN SHARE ROW EXCLUSIVE MODE');
  const answer = application.send('POST', '/polls', { tenant, body: { question } });
  await untilWaiting(database);
  await fail();
  expect(await answer).toMatchObject({ status: 503, body: { code: 'DATABASE_UNAVAILABLE' } });
  await blocker.end();
  await expectNothingHeld(application, database.sql);
  expect(await database.sql('SELECT FROM one.polls WHERE question = $1', [question])).toEqual([]);
});
