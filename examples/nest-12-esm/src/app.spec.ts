import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SchemaMigrator } from 'nest-tenant-schemas';
import { expectIsolated, type TestTenant, useTwoTenants } from 'nest-tenant-schemas/testing';
import { AppModule } from './app.module.js';

/** Creates two tenants, each with its own schema, for the tests of this file. */
const tenants = useTwoTenants(async () => {
  const app: INestApplication = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  // Creates the table of tenants, public.tenants.
  const { error } = await app.get(SchemaMigrator).migrateShared();
  if (error) throw error;
  await app.listen(0, '127.0.0.1');
  return app;
});

async function notes({ headers }: TestTenant, body?: object): Promise<[number, unknown]> {
  const response = await fetch(`${await tenants.app.getUrl()}/notes`, {
    headers: { ...headers, 'Content-Type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
  return [response.status, await response.json()];
}

it('adds a note to its tenant', async () => {
  const added = await notes(tenants.a, { text: 'A note' });
  expect(added).toEqual([201, { id: 1, text: 'A note' }]);
  expect(await notes(tenants.a)).toEqual([200, [{ id: 1, text: 'A note' }]]);
});

it("keeps each tenant's notes in its own schema", async () => {
  await expectIsolated(tenants, {
    write: (tenant) => notes(tenant, { text: 'Another note' }),
    read: (tenant) => notes(tenant),
  });
});
