import { readFileSync } from 'node:fs';
import { ConsoleLogger, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SchemaMigrator, type TableTenant, TenantManager } from 'nest-tenant-schemas';
import { expectIsolated, useTwoTenants } from 'nest-tenant-schemas/testing';
import { Client, FUTURE, PAST, runJob, testApplication } from './cases.js';
import { run, useOwnDatabase } from './own-database.js';

let dropDatabase: () => Promise<void>;

beforeAll(async () => {
  dropDatabase = await useOwnDatabase();
});

/** What the application logs as errors. */
const errors: string[] = [];

class Logger extends ConsoleLogger {
  override error(message: string): void {
    errors.push(message);
  }
}

const tenants = useTwoTenants<TableTenant, INestApplication>(async () => {
  const { AppModule } = await import('../multi-tenant/app.module.js');
  const logger = new Logger({ logLevels: ['error', 'warn'] });
  const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger });
  const { error } = await app.get(SchemaMigrator).migrateShared();
  if (error) throw error;
  await app.listen(0, '127.0.0.1');
  return app;
});

// After the fixtures are gone.
afterAll(() => dropDatabase());

// Each test looks at the errors that it expects.
afterEach(() => {
  expect(errors.splice(0)).toEqual([]);
});

const clientOf = (headers: () => Readonly<Record<string, string>>): Client =>
  new Client(() => tenants.app, headers);

const clients = {
  a: clientOf(() => tenants.a.headers),
  b: clientOf(() => tenants.b.headers),
};

describe('in a tenant', () => {
  testApplication(() => tenants.app, clients.a);
});

describe('in another tenant', () => {
  testApplication(() => tenants.app, clients.b);
});

it.each(['/customers', '/invoices', '/activities'])(
  'shows no tenant the rows of another one in %s',
  async (path) => {
    await expectIsolated(tenants, {
      async write({ headers }) {
        const client = clientOf(() => headers);
        await client.post('/customers', {
          name: 'Bob',
          email: `bob.of.${path.slice(1)}@example.com`,
        });
        await client.issue(FUTURE);
      },
      read: ({ headers }) => clientOf(() => headers).get(path),
    });
  },
);

it('rejects requests that name no tenant, or an unknown one', async () => {
  const unnamed = clientOf(() => ({}));
  const unknown = clientOf(() => ({ 'X-Tenant-ID': '00000000-0000-4000-8000-000000000000' }));
  expect((await unnamed.get('/invoices'))[0]).toBe(400);
  expect((await unknown.get('/invoices'))[0]).toBe(404);
});

/** Issues an invoice in each tenant that the job marks. */
async function issueLateInvoices(): Promise<void> {
  await clients.a.issue(PAST);
  await clients.b.issue(PAST);
}

const openLateInvoices = async (client: Client): Promise<number> => {
  const [, invoices] = await client.get('/invoices');
  return (invoices as { status: string; dueOn: string }[]).filter(
    ({ status, dueOn }) => status === 'open' && dueOn === PAST,
  ).length;
};

const pairs = [
  ['a', 'b'],
  ['b', 'a'],
] as const;

// Tenants have an order, so each of them is the one that fails.
it.each(pairs)('goes on with the job if it fails in tenant %s', async (broken, other) => {
  const { DATABASE_URL: url = '' } = process.env;
  const { schema } = tenants[broken].tenant;
  await issueLateInvoices();
  await run(url, `ALTER TABLE "${schema}"."invoice" RENAME TO "moved"`);
  await runJob(tenants.app);
  await run(url, `ALTER TABLE "${schema}"."moved" RENAME TO "invoice"`);
  expect(errors.splice(0)).toEqual([
    expect.stringContaining(`markOverdue failed in tenant ${schema}: `),
  ]);
  expect(await openLateInvoices(clients[broken])).toBe(1);
  expect(await openLateInvoices(clients[other])).toBe(0);
  await runJob(tenants.app);
  expect(await openLateInvoices(clients[broken])).toBe(0);
});

it.each(pairs)('skips tenant %s in the job while it is suspended', async (suspended, other) => {
  const manager = tenants.app.get<TenantManager<TableTenant>>(TenantManager);
  const { tenant } = tenants[suspended];
  await issueLateInvoices();
  await manager.update(tenant, { suspended: true });
  await runJob(tenants.app);
  await manager.update(tenant, { suspended: false });
  expect(await openLateInvoices(clients[suspended])).toBe(1);
  expect(await openLateInvoices(clients[other])).toBe(0);
  await runJob(tenants.app);
  expect(await openLateInvoices(clients[suspended])).toBe(0);
});

it('took ten changed lines at most', () => {
  const lines = readFileSync('add-tenants.patch', 'utf8').split('\n');
  const added = lines.filter((line) => /^\+(?!\+\+)/.test(line)).length;
  const removed = lines.filter((line) => /^-(?!--)/.test(line)).length;
  process.stdout.write(`Changed lines: ${added} added, ${removed} removed.\n`);
  expect(Math.max(added, removed)).toBeLessThanOrEqual(10);
});
