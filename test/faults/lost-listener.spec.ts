// The connection on which changes of tenants are heard is lost: what changed meanwhile is seen when it is back, and as
// long as it is not, no tenant is trusted beyond its lifetime.
import { startApplication, type TestApplication } from '../support/application.js';
import { type CountingProxy, startCountingProxy } from '../support/counting-proxy.js';
import { until } from '../support/embedded/poll.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { TenantDirectory } from '../../src/tenancy/index.js';

let database: TestDatabase;
let proxy: CountingProxy;
let application: TestApplication;
let tenant: string;

beforeEach(async () => {
  database = await createTestDatabase();
  proxy = await startCountingProxy(database.directUrl);
  application = await startApplication(database.url, { DATABASE_DIRECT_URL: proxy.url });
  tenant = (await application.createTenant('Acme')).id;
});

afterEach(async () => {
  await application.close();
  await proxy.close();
  await database.drop();
});

const status = async (): Promise<number> =>
  (await application.send('GET', '/polls', { tenant })).status;

const suspend = (): Promise<unknown> => database.sql('UPDATE public.clients SET suspended = true');

/** The connections that listen. */
const listeners = () =>
  database.sql<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'nest-tenant-schemas listener'`,
  );

/** Loses the connection that listens, and has the tenant remembered where no change of it is heard any more. */
async function loseListener(): Promise<void> {
  await proxy.close();
  await until('no listener', async () => (await listeners()).length === 0);
  expect(await status()).toBe(200);
}

it('sees on its return what changed while nobody listened', async () => {
  expect(await listeners()).toHaveLength(1);
  await loseListener();
  await suspend();
  // Control: while nobody listens, the change is not seen.
  expect(await status()).toBe(200);
  await proxy.reopen();
  await until('the suspension', async () => (await status()) === 403);
  expect(await listeners()).toHaveLength(1);
});

it('trusts no tenant beyond its lifetime while nobody listens', async () => {
  await loseListener();
  await suspend();
  // Control: as long as it is trusted, the change is not seen.
  expect(await status()).toBe(200);
  application.app.get(TenantDirectory).limitLifetime(200);
  await database.sql('UPDATE public.clients SET suspended = false');
  expect(await status()).toBe(200);
  await suspend();
  await until('the suspension', async () => (await status()) === 403);
});
