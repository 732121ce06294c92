// Tenants to run in what was generated, and what is in their schemas then.
import type { EntitySchema } from 'typeorm';
import { readHistory } from '../../src/core/migration-history.js';
import {
  createTenantDataSource,
  MIGRATIONS_TABLE,
  type MigrationClass,
  type MigrationResult,
  SchemaMigrator,
  type Tenant,
  tenantContext,
  TenantProvisioner,
} from '../../src/index.js';
import { MemoryRegistry } from 'test-support/memory-registry.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { answerChanged, country, type Row, surveyChanged, tag } from './generate-entities.js';
import type { State } from './generate-support.js';

/** What is in a schema, without the migrations table: relations, columns with type and default, constraints, enums. */
export async function structureOf(on: TestDatabase, schema: string): Promise<string[]> {
  const rows = await on.sql<{ line: string }>(
    `SELECT format('%s.%s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                   pg_get_expr(d.adbin, d.adrelid)) AS line
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE c.relnamespace = to_regnamespace($1::text) AND c.relkind = 'r' AND c.relname <> $2
     UNION ALL
     SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
     WHERE connamespace = to_regnamespace($1::text) AND contype <> 'n' AND conrelid::regclass::text NOT LIKE '%' || $2
     UNION ALL
     SELECT indexdef FROM pg_indexes WHERE schemaname = $1::text AND tablename <> $2
     UNION ALL
     SELECT t.typname || ' ' || e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
     WHERE t.typnamespace = to_regnamespace($1::text)
     ORDER BY line`,
    [schema, MIGRATIONS_TABLE],
  );
  return rows.map(({ line }) => line.replaceAll(schema, '<schema>'));
}

/** A database with tenants, migrated as applications migrate theirs. */
export async function withTenants(work: (tenants: Tenants) => Promise<void>): Promise<void> {
  const own = await createTestDatabase();
  const entities = [country, tag, surveyChanged, answerChanged];
  const dataSource = await createTenantDataSource({ url: own.url, entities }).initialize();
  const registry = new MemoryRegistry();
  try {
    await work({
      own,
      create: (tenant, history) =>
        new TenantProvisioner(dataSource, registry, readHistory(history, 'test')).create(tenant),
      async migrate({ shared = [], tenant = [] }) {
        const migrator = new SchemaMigrator(dataSource, registry, {
          shared: readHistory(shared, 'test'),
          tenant: readHistory(tenant, 'test'),
        });
        const results: MigrationResult[] = [];
        for await (const result of migrator.migrateAll()) results.push(result);
        return results;
      },
      async revert(tenant, Migration) {
        await tenantContext.run(tenant, async () => {
          const queryRunner = dataSource.createQueryRunner();
          try {
            await new Migration().down(queryRunner);
          } finally {
            await queryRunner.release();
          }
        });
      },
      save: (tenant, entity, row) =>
        tenantContext.run(tenant, () => dataSource.getRepository(entity).save(row)),
    });
  } finally {
    await dataSource.destroy();
    await own.drop();
  }
}

export interface Tenants {
  readonly own: TestDatabase;
  create(tenant: Tenant, history: readonly MigrationClass[]): Promise<void>;
  migrate(histories: Pick<State, 'shared' | 'tenant'>): Promise<MigrationResult[]>;
  revert(tenant: Tenant, Migration: MigrationClass): Promise<void>;
  save(tenant: Tenant, entity: EntitySchema<Row>, row: object): Promise<unknown>;
}
