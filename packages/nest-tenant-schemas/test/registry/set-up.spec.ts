// Wrong set-ups of the module: each has one error, which says what to do.
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { tenantDataSourceOptions, TenantModule } from '../../src/index.js';
import { A } from '../tenancy/support.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

/** Starts an application with these modules, and closes it. */
async function start(
  ...imports: readonly (DynamicModule | Promise<DynamicModule>)[]
): Promise<void> {
  @Module({ imports: [...imports] })
  class AppModule {}

  const application = await NestFactory.createApplicationContext(AppModule, {
    logger: false,
    abortOnError: false,
  });
  await application.close();
}

const typeorm = (name?: string): DynamicModule =>
  TypeOrmModule.forRoot({
    ...tenantDataSourceOptions({ url: database.url, entities: [] }),
    retryAttempts: 1,
    ...(name !== undefined && { name }),
  });

const tenants = (extras: { readonly dataSourceName?: string } = {}): DynamicModule =>
  TenantModule.forRoot({ registry: { tenants: [A] }, ...extras });

it('starts with one module for each DataSource', async () => {
  const several = [typeorm(), typeorm('other'), tenants(), tenants({ dataSourceName: 'other' })];
  await expect(start(typeorm(), tenants())).resolves.toBeUndefined();
  await expect(start(...several)).resolves.toBeUndefined();
});

it.each<[string, () => Promise<void>, string]>([
  [
    'no TypeOrmModule',
    () => start(tenants()),
    'Import TypeOrmModule.forRoot(tenantDataSourceOptions(',
  ],
  [
    'two DataSources of which none is chosen',
    () => start(typeorm('one'), typeorm('other'), tenants()),
    'If it has a name, name it here too: TenantModule.forRoot({ dataSourceName: … }).',
  ],
  [
    'a name that no DataSource has',
    () => start(typeorm(), tenants({ dataSourceName: 'other' })),
    'with the name "other".',
  ],
  [
    'a DataSource without the helper',
    () => start(TypeOrmModule.forRoot({ type: 'postgres', url: database.url }), tenants()),
    'tenantDataSourceOptions',
  ],
  [
    'the module imported twice',
    () => start(typeorm(), tenants(), TenantModule.forRoot({ registry: { tenants: [] } })),
    'must be imported once for a DataSource.',
  ],
  [
    'another database',
    async () => start(TypeOrmModule.forRoot(tenantDataSourceOptions({ type: 'mysql' }))),
    "tenantDataSourceOptions: type must be 'postgres'",
  ],
])('rejects %s', async (_, started, problem) => {
  await expect(started()).rejects.toThrow(problem);
});
