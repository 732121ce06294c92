// The connection on which changes of tenants are heard is lost: what changed meanwhile is seen when it is back, and as
// long as it is not, no tenant is trusted beyond its lifetime. One that has gone silent is found out, and while it answers, all are
// trusted further.
import { createServer } from 'node:net';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { TenantChangeListener } from '../../packages/nest-tenant-schemas/src/registry/listener/tenant-change-listener.js';
import type { PostgresAnnouncer } from '../../packages/nest-tenant-schemas/src/registry/listener/postgres-announcer.js';
import {
  CLIENT_CHANGES_CHANNEL,
  ClientRegistry,
} from '../../src/clients/registry/client-registry.js';
import { startApplication, type TestApplication } from '../support/application.js';
import { type CountingProxy, startCountingProxy } from 'test-support/counting-proxy.js';
import { until } from 'test-support/poll.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { TENANT_ANNOUNCER, TenantCache } from 'nest-tenant-schemas';

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

/** Listens in the application once more, through the proxy, and probes the connection often. */
async function listenOnceMore(timeoutMs: number): Promise<TenantChangeListener> {
  const { app } = application;
  const listener = new TenantChangeListener(
    app.get(TENANT_ANNOUNCER),
    app.get(TenantCache),
    app.get(DataSource),
    { channel: CLIENT_CHANGES_CHANNEL, url: proxy.url },
    new Logger('test'),
    { intervalMs: 20, timeoutMs },
  );
  await listener.start();
  return listener;
}

/** Cuts the connection of the tenant change listener, and puts the tenant into the cache afterwards. */
async function loseListener(): Promise<void> {
  await proxy.close();
  await until('no listener', async () => (await listeners()).length === 0);
  expect(await status()).toBe(200);
}

it('notices changes of the outage after it has reconnected', async () => {
  expect(await listeners()).toHaveLength(1);
  await loseListener();
  await suspend();
  // Control: without the listener, the server does not notice the change.
  expect(await status()).toBe(200);
  await proxy.reopen();
  await until('the suspension', async () => (await status()) === 403);
  expect(await listeners()).toHaveLength(1);
});

it('logs one line when the connection is lost, and one when it is back', async () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  const log = jest.spyOn(Logger.prototype, 'log').mockImplementation();
  const ours = (calls: readonly unknown[][]): string[] =>
    calls.map(([message]) => String(message)).filter((line) => line.includes('change listener'));
  await loseListener();
  let attempts = 0;
  const port = Number(new URL(proxy.url).port);
  const refusing = createServer((socket) => {
    attempts++;
    socket.destroy();
  }).listen(port, '127.0.0.1');
  await until('three attempts', () => attempts >= 3);
  refusing.close();
  expect(ours(warn.mock.calls)).toEqual([
    expect.stringMatching(/^Lost the tenant change listener: .+\. Reconnecting\.$/),
  ]);
  await proxy.reopen();
  const back = 'The tenant change listener is connected again.';
  await until('the line', () => ours(log.mock.calls).length > 0);
  expect(ours(log.mock.calls)).toEqual([back]);
  expect(ours(warn.mock.calls)).toHaveLength(1);
  // The next outage is logged as well.
  await loseListener();
  await until('another line', () => ours(warn.mock.calls).length > 1);
  jest.restoreAllMocks();
});

it('uses a cached tenant until its maximum age while the listener is lost', async () => {
  await loseListener();
  await suspend();
  // Control: as long as it is trusted, the change is not seen.
  expect(await status()).toBe(200);
  application.app.get(TenantCache).setMaxAge(200);
  await database.sql('UPDATE public.clients SET suspended = false');
  expect(await status()).toBe(200);
  await suspend();
  await until('the suspension', async () => (await status()) === 403);
});

it('looks no tenant up again as long as the connection answers, and each when it does not', async () => {
  // More than a busy machine is away for.
  const lifetimeMs = 2000;
  const cache = application.app.get(TenantCache);
  const confirm = jest.spyOn(cache, 'confirm');
  const listener = await listenOnceMore(10_000);
  await until('the first answer', () => confirm.mock.calls.length > 0);
  cache.setMaxAge(lifetimeMs);
  expect(await status()).toBe(200);
  const find = jest.spyOn(application.app.get(ClientRegistry), 'find');
  const seen = performance.now();
  while (performance.now() - seen < 1.5 * lifetimeMs) expect(await status()).toBe(200);
  expect(find).not.toHaveBeenCalled();
  await listener.stop();
  // Control: without the answers it is looked up after its lifetime.
  await until('a look-up', async () => (await status()) === 200 && find.mock.calls.length > 0);
});

it('takes a connection that has gone silent for lost, and listens on a new one', async () => {
  const confirm = jest.spyOn(application.app.get(TenantCache), 'confirm');
  const listener = await listenOnceMore(1000);
  await until('the first answer', () => confirm.mock.calls.length > 0);
  const announcer = application.app.get<PostgresAnnouncer>(TENANT_ANNOUNCER);
  const deliver = jest.spyOn(announcer, 'deliver');
  proxy.silence();
  await until('all tenants to be looked up again', () =>
    deliver.mock.calls.some(([id]) => id === undefined),
  );
  confirm.mockClear();
  await until('an answer of the new one', () => confirm.mock.calls.length > 0);
  await listener.stop();
  // The application's own has not found out yet, and would wait for an answer to its leave.
  await expect(application.close()).resolves.toBeUndefined();
});
