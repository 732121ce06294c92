// A server that finishes its requests still receives changes, and evicts a tenant that is suspended meanwhile.
import { TenantCache } from 'nest-tenant-schemas';
import { startApplication, type TestApplication } from '../support/application.js';
import { until } from 'test-support/poll.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { untilWaiting } from '../support/until-waiting.js';
import { lockPolls } from '../e2e/cluster-support.js';

let database: TestDatabase;
let application: TestApplication;

beforeEach(async () => {
  database = await createTestDatabase();
  application = await startApplication(database.directUrl);
});

afterEach(() => database.drop());

it('notices a suspension while a request still runs', async () => {
  const { app } = application;
  const { id: tenant, schema } = await application.createTenant('Acme');
  const unlock = await lockPolls(database, schema);
  const answer = application.send('GET', '/polls', { tenant });
  await untilWaiting(database);
  const cache = app.get(TenantCache);
  expect(cache.peek(tenant)).toBeDefined();
  const closed = application.close();
  // Control: it has begun.
  await until('no connection is accepted', () => !app.getHttpServer().listening);
  await database.sql('UPDATE public.clients SET suspended = true');
  await until('the suspension', () => cache.peek(tenant) === undefined);
  await unlock();
  expect((await answer).status).toBe(200);
  await closed;
});
