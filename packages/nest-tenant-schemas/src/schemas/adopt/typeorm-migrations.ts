import type { DataSource, QueryRunner } from 'typeorm';
import type { MigrationHistories } from '../migrate/schema-migrator.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { SHARED_SCHEMA } from '../catalog/schema-target.js';
import type { ObjectReason } from './plan/choose-objects.js';

/** Returns the name of the table in which TypeORM records migrations. */
export const typeormMigrationsTable = ({ options }: DataSource): string =>
  options.migrationsTableName ?? 'migrations';

const tableOf = (dataSource: DataSource, schema: string): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(typeormMigrationsTable(dataSource))}`;

/**
 * Reads the names that TypeORM has recorded in a schema. Returns undefined if its table does not exist. A table of this name
 * with other columns is not TypeORM's.
 */
export async function readTypeormMigrations(
  queryRunner: QueryRunner,
  dataSource: DataSource,
  schema: string = SHARED_SCHEMA,
): Promise<readonly string[] | undefined> {
  const table = tableOf(dataSource, schema);
  const [{ exists }] = (await queryRunner.query(
    `SELECT count(*) = 2 AS exists FROM pg_catalog.pg_attribute
     WHERE attrelid = to_regclass($1) AND attname IN ('timestamp', 'name') AND NOT attisdropped`,
    [table],
  )) as [{ exists: boolean }];
  if (!exists) return undefined;
  const rows = (await queryRunner.query(`SELECT name FROM ${table} ORDER BY id`)) as {
    name: string;
  }[];
  return rows.map(({ name }) => name);
}

/** Divides recorded names by the history that has them, in the order of the history. */
export function divideMigrations(
  recorded: readonly string[],
  histories: MigrationHistories,
): Readonly<Record<'shared' | 'tenant', readonly string[]>> {
  const names = new Set(recorded);
  const namesOf = (history: MigrationHistories['tenant']): string[] =>
    history.map(({ name }) => name).filter((name) => names.has(name));
  return { shared: namesOf(histories.shared), tenant: namesOf(histories.tenant) };
}

/** Lists recorded migrations that neither history has. Nothing could say whether a tenant has them. */
export function findUnknownMigrations(
  recorded: readonly string[],
  histories: MigrationHistories,
): ObjectReason[] {
  const known = new Set([...histories.shared, ...histories.tenant].map(({ name }) => name));
  return recorded
    .filter((name) => !known.has(name))
    .map((name) => ({
      what: `migration ${name}`,
      why: 'neither tenantMigrations nor sharedMigrations has it. Add it: tenantMigrations: singleTenantMigrations(…)',
    }));
}

/**
 * Makes TypeORM's table agree with a tenant's migrations table again: adds migrations since the adoption, and removes
 * reverted ones. Other rows stay as they are.
 */
export async function restoreTypeormMigrations(
  queryRunner: QueryRunner,
  dataSource: DataSource,
  applied: readonly string[],
  tenantHistory: readonly string[],
): Promise<void> {
  const recorded = await readTypeormMigrations(queryRunner, dataSource);
  if (!recorded) return;
  const table = tableOf(dataSource, SHARED_SCHEMA);
  const reverted = recorded.filter(
    (name) => tenantHistory.includes(name) && !applied.includes(name),
  );
  await queryRunner.query(`DELETE FROM ${table} WHERE name = ANY ($1)`, [reverted]);
  for (const name of applied.filter((each) => !recorded.includes(each))) {
    await queryRunner.query(`INSERT INTO ${table} ("timestamp", name) VALUES ($1, $2)`, [
      name.slice(-13),
      name,
    ]);
  }
}
