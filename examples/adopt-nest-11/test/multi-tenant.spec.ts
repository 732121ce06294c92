import { readFileSync } from 'node:fs';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SchemaMigrator } from 'nest-tenant-schemas';
import { useTwoTenants } from 'nest-tenant-schemas/testing';
import { Client, testApplication } from './cases';
import { run, useOwnDatabase } from './own-database';

let dropDatabase: () => Promise<void>;

beforeAll(async () => {
  dropDatabase = await useOwnDatabase();
});

const tenants = useTwoTenants(async () => {
  const { AppModule } = await import('../multi-tenant/app.module');
  const app: INestApplication = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  const { error } = await app.get(SchemaMigrator).migrateShared();
  if (error) throw error;
  await app.listen(0, '127.0.0.1');
  return app;
});

// After the fixtures are gone.
afterAll(() => dropDatabase());

const clients = Object.fromEntries(
  (['a', 'b'] as const).map((name) => [
    name,
    new Client(
      () => tenants.app,
      () => tenants[name].headers,
    ),
  ]),
) as Record<'a' | 'b', Client>;

describe('in a tenant', () => {
  testApplication(clients.a);
});

describe('in another tenant', () => {
  testApplication(clients.b);
});

it('rejects the token of a tenant in another one', async () => {
  const token = await clients.a.tokenOf('ada@example.com');
  // The user exists in the other tenant too, as after a clone. Otherwise any token of it would be rejected.
  const [a, b] = [tenants.a.tenant.schema, tenants.b.tenant.schema];
  await run(
    process.env.DATABASE_URL ?? '',
    `INSERT INTO "${b}"."user" (id, email, "passwordHash") SELECT id, 'copy', "passwordHash" FROM "${a}"."user"`,
  );
  expect((await clients.a.get('/articles', token))[0]).toBe(200);
  expect((await clients.b.get('/articles', token))[0]).toBe(401);
});

it('rejects requests that name no tenant, or an unknown one', async () => {
  const headers = { 'X-Tenant-ID': '00000000-0000-4000-8000-000000000000' };
  const unnamed = new Client(
    () => tenants.app,
    () => ({}),
  );
  const unknown = new Client(
    () => tenants.app,
    () => headers,
  );
  expect((await unnamed.get('/articles'))[0]).toBe(400);
  expect((await unknown.get('/articles'))[0]).toBe(404);
});

it('took ten changed lines at most', () => {
  const lines = readFileSync('add-tenants.patch', 'utf8').split('\n');
  const added = lines.filter((line) => /^\+(?!\+\+)/.test(line)).length;
  const removed = lines.filter((line) => /^-(?!--)/.test(line)).length;
  process.stdout.write(`Changed lines: ${added} added, ${removed} removed.\n`);
  expect(Math.max(added, removed)).toBeLessThanOrEqual(10);
});
