import type { DataSource, QueryRunner } from 'typeorm';
import { joinStatements } from '../../core/sql/statement-batch.js';
import { onRunner, SHARED_TARGET } from './schema-target.js';
import { NO_TIME_LIMIT } from './time-limits.js';

/**
 * Fixes the settings that determine how the server writes a definition. With an empty search path the server
 * qualifies every name.
 * https://www.postgresql.org/docs/current/runtime-config-client.html
 */
const SETTINGS = [
  "SET LOCAL search_path TO ''",
  'SET LOCAL quote_all_identifiers TO off',
  'SET LOCAL standard_conforming_strings TO on',
  "SET LOCAL DateStyle TO 'ISO, MDY'",
  'SET LOCAL IntervalStyle TO postgres',
  "SET LOCAL TimeZone TO 'UTC'",
  'SET LOCAL extra_float_digits TO 1',
  'SET LOCAL bytea_output TO hex',
  "SET LOCAL lc_monetary TO 'C'",
];

/**
 * Runs a read of definitions under fixed settings. Inside a transaction it uses a savepoint, and the rollback
 * to it restores the settings.
 */
export async function withCatalogueSettings<T>(
  queryRunner: QueryRunner,
  read: () => Promise<T>,
): Promise<T> {
  await queryRunner.startTransaction();
  try {
    await queryRunner.query(joinStatements([NO_TIME_LIMIT, ...SETTINGS]));
    const result = await read();
    await queryRunner.rollbackTransaction();
    return result;
  } catch (error) {
    // A broken connection has nothing to roll back, and the first error is the one to report.
    await queryRunner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}

/** Sends one read of definitions in its own transaction, for no tenant. */
export function readDefinitionsWith<Row>(
  dataSource: DataSource,
  statement: string,
  parameters: unknown[],
): Promise<Row[]> {
  return onRunner(dataSource, SHARED_TARGET, (queryRunner) =>
    withCatalogueSettings(queryRunner, () => queryRunner.query(statement, parameters)),
  ) as Promise<Row[]>;
}
