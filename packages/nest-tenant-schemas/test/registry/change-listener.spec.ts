// An application that names a channel learns of changes that another process announces. Its registry only reads.
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import {
  type ChangeListenerOptions,
  TENANT_ANNOUNCER,
  type Tenant,
  type TenantAnnouncer,
  TenantCache,
  tenantDataSourceOptions,
  type TenantDataSourceOptions,
  TenantModule,
  type TenantRegistry,
} from '../../src/index.js';
import { MemoryRegistry } from 'test-support/memory-registry.js';
import { until } from 'test-support/poll.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { A, B } from '../tenancy/support.js';

/** A name that needs its quotes. */
const CHANNEL = 'Tenants "changed"';

let database: TestDatabase;
let rows: Map<string, Tenant>;
const started: INestApplicationContext[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  rows = new Map([A, B].map((tenant) => [tenant.id, tenant]));
});

afterEach(async () => {
  for (const application of started.splice(0)) await application.close();
  await database.drop();
});

/** Reads the rows that all applications share. */
const reading = (): TenantRegistry => ({
  find: (id) => Promise.resolve(rows.get(id)),
  async *all() {
    yield* rows.values();
  },
});

function moduleOf(
  changeListener: ChangeListenerOptions | undefined,
  registry = reading(),
  address: TenantDataSourceOptions = { url: database.directUrl },
): object {
  return {
    module: class ApplicationModule {},
    imports: [
      TypeOrmModule.forRoot(tenantDataSourceOptions({ ...address, poolSize: 2, entities: [] })),
      TenantModule.forRoot({ registry, ...(changeListener && { changeListener }) }),
    ],
  };
}

const QUIET = { logger: false, abortOnError: false } as const;

async function serve(...args: Parameters<typeof moduleOf>): Promise<INestApplicationContext> {
  const application = await NestFactory.create(moduleOf(...args), new FastifyAdapter(), QUIET);
  started.push(application);
  return application.init();
}

/** Serves, and returns once it is proven that notifications arrive. */
async function serveProven(...args: Parameters<typeof moduleOf>): Promise<INestApplicationContext> {
  const application = await serve(...args);
  const cache = application.get(TenantCache);
  await until('the first notification', () => cache.lifetimeMs === 60_000);
  return application;
}

const listeners = (): Promise<unknown[]> =>
  database.sql(
    `SELECT pid FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'nest-tenant-schemas listener'`,
  );

async function announce(application: INestApplicationContext, tenant: Tenant): Promise<void> {
  const announcer = application.get<TenantAnnouncer>(TENANT_ANNOUNCER);
  await announcer.notifyChange(application.get(DataSource).manager, tenant);
}

it('drops a tenant from the cache of each process that listens to the channel', async () => {
  const here = await serveProven({ channel: CHANNEL });
  const there = await serveProven({ channel: CHANNEL });
  const elsewhere = await serveProven({ channel: 'another' });
  const find = (application: INestApplicationContext): Promise<Tenant | undefined> =>
    application.get(TenantCache).find(A.id);
  for (const each of [here, there, elsewhere]) expect(await find(each)).toEqual(A);
  rows.delete(A.id);
  await announce(here, A);
  for (const each of [here, there]) {
    await until('the change', async () => (await find(each)) === undefined);
  }
  // Control: the cache that listens to another channel still has it.
  expect(await find(elsewhere)).toEqual(A);
});

it('listens on the server of the DataSource if its url is empty', async () => {
  await serveProven({ channel: CHANNEL, url: '' });
  expect(await listeners()).toHaveLength(1);
});

it('announces nothing from a transaction that rolls back', async () => {
  const application = await serveProven({ channel: CHANNEL });
  const cache = application.get(TenantCache);
  const announcer = application.get<TenantAnnouncer>(TENANT_ANNOUNCER);
  for (const { id } of [A, B]) await cache.find(id);
  const rolledBack = application.get(DataSource).transaction(async (manager) => {
    await announcer.notifyChange(manager, A);
    throw new Error('rolled back');
  });
  await expect(rolledBack).rejects.toThrow('rolled back');
  // Notifications arrive in the order of their commits.
  await announce(application, B);
  await until('the change of B', () => cache.peek(B.id) === undefined);
  expect(cache.peek(A.id)).toEqual(A);
});

it('listens at the address of the DataSource, also if its parts are given one by one', async () => {
  const { hostname: host, port, username, password, pathname } = new URL(database.directUrl);
  const address = {
    host,
    port: Number(port),
    username,
    password: decodeURIComponent(password),
    database: pathname.slice(1),
  };
  await serveProven({ channel: CHANNEL }, reading(), address);
  expect(await listeners()).toHaveLength(1);
});

it('opens no connection to listen in a command, whose cache trusts tenants for seconds only', async () => {
  const command = await NestFactory.createApplicationContext(
    moduleOf({ channel: CHANNEL }) as never,
    QUIET,
  );
  started.push(command);
  expect(await listeners()).toEqual([]);
  expect(command.get(TenantCache).lifetimeMs).toBe(5000);
  // Control: a server listens.
  await serve({ channel: CHANNEL });
  expect(await listeners()).toHaveLength(1);
});

it('opens no connection to listen without a channel', async () => {
  const application = await serve(undefined, new MemoryRegistry([A]));
  expect(application.get(TenantCache).lifetimeMs).toBe(60_000);
  expect(await listeners()).toEqual([]);
});
