import pg from 'pg';
import type { DataSource } from 'typeorm';
import { tenantContext } from '../../context/tenant-context.js';
import type { NamedMigration } from '../../core/migration-history.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { readAdoptedMigrations } from '../adopt/adopted-migrations.js';
import { readTypeormMigrations, typeormMigrationsTable } from '../adopt/typeorm-migrations.js';
import {
  onRunner,
  SHARED_SCHEMA,
  SHARED_TARGET,
  type SchemaTarget,
} from '../catalog/schema-target.js';
import { type Finding, finding, some } from './finding.js';

const AS_LOGIN: SchemaTarget = {
  ...SHARED_TARGET,
  enter: (work) => tenantContext.runWithoutTenant(work),
};

/** Names in TypeORM's table, if it can be read, and those that it had at the last adoption, if there was one. */
interface Tables {
  readonly recorded?: readonly string[] | undefined;
  readonly adopted?: readonly string[] | undefined;
}

/**
 * Finds migrations that TypeORM itself ran in `public`, for example by its command line. An adopted database keeps the rows
 * that TypeORM's table had before.
 *
 * @param history the migrations of tenants
 */
export async function readTypeormFindings(
  dataSource: DataSource,
  history: readonly NamedMigration[],
): Promise<Finding[]> {
  const { recorded = [], adopted } = await readTables(dataSource);
  const ofTenants = new Set(history.map(({ name }) => name));
  // Without an adoption, the table may belong to another application.
  const names = recorded.filter((name) =>
    adopted ? !adopted.includes(name) : ofTenants.has(name),
  );
  if (names.length === 0) return [];
  const name = typeormMigrationsTable(dataSource);
  const table = `${SHARED_SCHEMA}.${quoteIdentifier(name)}`;
  const rows = adopted
    ? `DELETE FROM ${table} WHERE name IN (${names.map((each) => pg.escapeLiteral(each)).join(', ')})`
    : `DROP TABLE ${table}`;
  return [
    finding(
      'MIGRATED_BY_TYPEORM',
      SHARED_SCHEMA,
      `TypeORM ran ${names.length === 1 ? '1 migration' : `${names.length} migrations`} in ${SHARED_SCHEMA}, and not in ` +
        `the tenants: ${some(names)}. Its table ${SHARED_SCHEMA}.${name} records that.`,
      `Drop what ${names.length === 1 ? 'it' : 'they'} created in ${SHARED_SCHEMA}, and then: ${rows}. ` +
        'For the tenants, run: tenant-schemas migrate-schemas. Do not run migrations with TypeORM',
    ),
  ];
}

/** Reads with the rights of the owner of all schemas, and then with those of the login, to which the table may belong. */
async function readTables(dataSource: DataSource): Promise<Tables> {
  for (const target of [SHARED_TARGET, AS_LOGIN]) {
    try {
      return await onRunner(dataSource, target, async (queryRunner) => ({
        recorded: await readTypeormMigrations(queryRunner, dataSource),
        adopted: await readAdoptedMigrations(queryRunner),
      }));
    } catch (error) {
      if ((error as { code?: unknown }).code !== POSTGRES_ERROR.insufficientPrivilege) throw error;
    }
  }
  return {};
}
