// The engine relies on notifications only after it has received one. If LISTEN at an address delivers nothing, the tenant cache
// keeps tenants for seconds only. This also covers poolers that the engine cannot detect.
import { Logger } from '@nestjs/common';
import { TenantCache } from 'nest-tenant-schemas';
import { startApplication, type TestApplication } from '../support/application.js';
import { type CountingProxy, startCountingProxy } from 'test-support/counting-proxy.js';
import { until } from 'test-support/poll.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { testServer } from 'test-support/test-server.js';

const { isBehindPgBouncer } = testServer();

/** More than the few seconds, less than the minute for which a tenant is trusted where nothing limits it. */
const LIMIT_MS = 20_000;

let database: TestDatabase;
let application: TestApplication | undefined;
let proxy: CountingProxy | undefined;
let warn: jest.SpyInstance;
let confirm: jest.SpyInstance;

beforeEach(async () => {
  database = await createTestDatabase();
  warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  confirm = jest.spyOn(TenantCache.prototype, 'confirm');
});

afterEach(async () => {
  await application?.close();
  await proxy?.close();
  warn.mockRestore();
  confirm.mockRestore();
  await database.drop();
});

const isWarned = (): boolean =>
  warn.mock.calls.some(([message]) => String(message).includes('Set DATABASE_DIRECT_URL ('));

async function status({ send }: TestApplication, tenant: string): Promise<number> {
  return (await send('GET', '/polls', { tenant })).status;
}

it(
  'trusts tenants for seconds where a notification never came back, as from another database',
  async () => {
    const other = await createTestDatabase();
    const started = await startApplication(database.url, { DATABASE_DIRECT_URL: other.directUrl });
    application = started;
    const { id } = await started.createTenant('Acme');
    expect(await status(started, id)).toBe(200);
    await database.sql('UPDATE public.clients SET suspended = true');
    await until('the suspension', async () => (await status(started, id)) === 403, LIMIT_MS);
    expect({ isWarned: isWarned(), confirmed: confirm.mock.calls.length }).toEqual({
      isWarned: true,
      confirmed: 0,
    });
    await started.close();
    application = undefined;
    await other.drop();
  },
  2 * LIMIT_MS,
);

it(
  'takes what could not be looked at for no server, and trusts tenants longer once a notification came back',
  async () => {
    proxy = await startCountingProxy(database.url);
    await proxy.close();
    const started = await startApplication(database.url, { DATABASE_DIRECT_URL: proxy.url });
    application = started;
    const { id } = await started.createTenant('Acme');
    const cache = started.app.get(TenantCache);
    await proxy.reopen();
    await until('a word on it', () => isWarned() || confirm.mock.calls.length > 0, LIMIT_MS);
    expect(cache.lifetimeMs).toBe(isBehindPgBouncer ? 5000 : 60_000);
    expect(isWarned()).toBe(isBehindPgBouncer);
    expect(await status(started, id)).toBe(200);
    await database.sql('UPDATE public.clients SET suspended = true');
    await until('the suspension', async () => (await status(started, id)) === 403, LIMIT_MS);
  },
  2 * LIMIT_MS,
);
