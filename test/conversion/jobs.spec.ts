// Work without a request, in a converted application: it says which tenant it is for, or is refused.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { getRepositoryToken } from '@nestjs/typeorm';
import { DataSource, type Repository } from 'typeorm';
import { Poll } from '../../src/polls/poll.entity.js';
import {
  dataSourceFor,
  TENANT_REGISTRY,
  tenantContext,
  TenantContextMissingError,
  TenantProvisioner,
  type TenantRegistry,
} from 'nest-tenant-schemas';
import { MemoryRegistry } from 'test-support/memory-registry.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { A, B } from '../../packages/nest-tenant-schemas/test/tenancy/support.js';
import { startMultiTenant } from './applications.js';

let database: TestDatabase;
let app: NestFastifyApplication;
let polls: Repository<Poll>;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startMultiTenant(database.url, new MemoryRegistry());
  for (const tenant of [A, B]) await app.get(TenantProvisioner).create(tenant);
  await database.sql(`INSERT INTO tenant_a.polls (question) VALUES ('Of a?'), ('Of a, too?')`);
  polls = app.get(getRepositoryToken(Poll));
});

afterAll(async () => {
  await app.close();
  await database.drop();
});

it('visits every tenant in turn, with the repository that requests use', async () => {
  const registry = app.get<TenantRegistry>(TENANT_REGISTRY);
  const counts: Record<string, number> = {};
  for await (const tenant of registry.all()) {
    counts[tenant.schema] = await tenantContext.run(tenant, () => polls.count());
  }
  expect(counts).toEqual({ tenant_a: 2, tenant_b: 0 });
});

it('carries a DataSource of one tenant to where no tenant is current', async () => {
  const dataSource = app.get(DataSource);
  const ofTenant = dataSourceFor(dataSource, A).getRepository(Poll);
  expect(await ofTenant.count()).toBe(2);
});

it('refuses a job that does not say which tenant it is for', async () => {
  await expect(polls.count()).rejects.toThrow(TenantContextMissingError);
});
