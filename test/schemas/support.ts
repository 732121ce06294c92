// What the schema specs share: the application's registry and histories on a database of their own.
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { AuditLog } from '../../src/audit/audit-log.js';
import { Client } from '../../src/clients/client.entity.js';
import { ClientRegistry } from '../../src/clients/registry/client-registry.js';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { sharedMigrations } from '../../src/database/migrations/shared/index.js';
import {
  createTenantDataSource,
  type MigrationClass,
  readHistory,
  SchemaMigrator,
  TenantProvisioner,
} from 'nest-tenant-schemas';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

/** The engine's services for one pair of histories. */
export interface Schemas {
  readonly registry: ClientRegistry;
  readonly migrator: SchemaMigrator;
  readonly provisioner: TenantProvisioner<Client>;
}

/** A database whose shared schema is up to date, and a DataSource of 10 connections on it. */
export async function openSchemas(): Promise<{ database: TestDatabase; dataSource: DataSource }> {
  const database = await createTestDatabase();
  const options = dataSourceOptions({ databasePoolSize: 10, logLevel: 'error' }, database.url);
  const dataSource = await createTenantDataSource(options).initialize();
  const { error } = await schemasOf(dataSource, []).migrator.migrateShared();
  if (error) throw error;
  return { database, dataSource };
}

export function schemasOf(
  dataSource: DataSource,
  tenantMigrations: readonly MigrationClass[],
  shared: readonly MigrationClass[] = sharedMigrations,
): Schemas {
  const registry = new ClientRegistry(dataSource, new AuditLog({ name: 'test', via: 'test' }));
  const histories = {
    shared: readHistory(shared, 'sharedMigrations'),
    tenant: readHistory(tenantMigrations, 'tenantMigrations'),
  };
  return {
    registry,
    migrator: new SchemaMigrator(dataSource, registry, histories),
    provisioner: new TenantProvisioner(dataSource, registry, histories.tenant),
  };
}

/** A tenant that does not exist yet; its name is its schema's unless given. */
export function newClient(schema: string, name = schema): Client {
  return Object.assign(new Client(), {
    id: randomUUID(),
    name,
    schema,
    paidUntil: null,
    onTrial: false,
    access: 'open',
    suspended: false,
    createdOn: new Date(),
  });
}

/** A migration class that runs statements; its name ends in a timestamp of that many seconds. */
export function migration(second: number, ...statements: string[]): MigrationClass {
  return class {
    name = `Step${1_700_000_000_000 + second * 1000}`;

    async up(queryRunner: { query(sql: string): Promise<unknown> }): Promise<void> {
      for (const statement of statements) await queryRunner.query(statement);
    }

    down(): Promise<void> {
      return Promise.resolve();
    }
  };
}

/** Everything that a tenant is made of, as the server has it: rows, schemas, tables. */
export async function traces(database: TestDatabase): Promise<string[]> {
  const rows = await database.sql<{ trace: string }>(
    `SELECT 'row ' || schema AS trace FROM public.clients
     UNION ALL
     SELECT 'schema ' || nspname FROM pg_namespace
     WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
     ORDER BY trace`,
  );
  return rows.map(({ trace }) => trace);
}
