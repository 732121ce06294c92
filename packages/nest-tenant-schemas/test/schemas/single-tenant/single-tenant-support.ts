// What the specs on migrations of a single-tenant application share: a database of one spec, and services for a history.
import { randomUUID } from 'node:crypto';
import type { DataSource, EntitySchema, MigrationInterface, QueryRunner } from 'typeorm';
import { MemoryRegistry } from 'test-support/memory-registry.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import {
  createTenantDataSource,
  loadTenantMigrations,
  readHistory,
  SchemaDoctor,
  SchemaMigrator,
  type Tenant,
  TenantCloner,
  type TenantDataSourceOptions,
  type TenantMigrations,
  TenantProvisioner,
} from '../../../src/index.js';

type Work = (queryRunner: QueryRunner) => Promise<unknown>;

/** Serves one tenants' history. */
export interface Schemas {
  readonly registry: MemoryRegistry;
  readonly migrator: SchemaMigrator;
  readonly provisioner: TenantProvisioner;
  readonly cloner: TenantCloner;
  readonly doctor: SchemaDoctor;
}

/** Has a database and a DataSource for each test. */
export interface SingleTenant {
  readonly database: TestDatabase;
  readonly dataSource: DataSource;
  /** Returns the services for a history, on one registry for each test. Default: on this DataSource. */
  schemasOf(history: TenantMigrations, used?: DataSource): Promise<Schemas>;
  /** Creates a tenant whose schema has this name. */
  create(history: TenantMigrations, schema: string): Promise<Tenant>;
  /** Returns the tables of the application in the database, with their schemas. */
  tables(): Promise<string[]>;
}

/** Prepares a database before each test, and drops it after each. */
export function useSingleTenant(
  entities: EntitySchema[] = [],
  options: TenantDataSourceOptions = {},
): SingleTenant {
  let database: TestDatabase;
  let dataSource: DataSource;
  let registry: MemoryRegistry;

  beforeEach(async () => {
    database = await createTestDatabase();
    registry = new MemoryRegistry();
    dataSource = await createTenantDataSource({
      url: database.url,
      poolSize: 3,
      entities,
      ...options,
    }).initialize();
  });

  afterEach(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const schemasOf = async (
    history: TenantMigrations,
    used: DataSource = dataSource,
  ): Promise<Schemas> => {
    const tenant = readHistory(await loadTenantMigrations(history, used), 'test');
    const histories = { shared: [], tenant };
    return {
      registry,
      migrator: new SchemaMigrator(used, registry, histories),
      provisioner: new TenantProvisioner(used, registry, tenant),
      cloner: new TenantCloner(used, registry, tenant),
      doctor: new SchemaDoctor(used, registry, histories),
    };
  };

  return {
    get database() {
      return database;
    },
    get dataSource() {
      return dataSource;
    },
    schemasOf,
    async create(history, schema) {
      const tenant = { id: randomUUID(), schema };
      const { provisioner } = await schemasOf(history);
      await provisioner.create(tenant);
      return tenant;
    },
    async tables() {
      const rows = await database.sql<{ name: string }>(
        `SELECT schemaname || '.' || tablename AS name FROM pg_tables
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename <> 'tenant_schemas_ledger'
         ORDER BY name`,
      );
      return rows.map(({ name }) => name);
    },
  };
}

/** Returns a migration of TypeORM's form. Its name ends in a timestamp of that many seconds. */
export function migration(
  second: number,
  up: Work | string,
  down: Work | string = async () => {},
): new () => MigrationInterface {
  const run = (work: Work | string, queryRunner: QueryRunner): Promise<unknown> =>
    typeof work === 'string' ? queryRunner.query(work) : work(queryRunner);
  return class implements MigrationInterface {
    readonly name = `Step${1_700_000_000_000 + second * 1000}`;

    async up(queryRunner: QueryRunner): Promise<void> {
      await run(up, queryRunner);
    }

    async down(queryRunner: QueryRunner): Promise<void> {
      await run(down, queryRunner);
    }
  };
}
