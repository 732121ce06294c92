import type { QueryRunner } from 'typeorm';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { joinStatements } from '../../core/sql/statement-batch.js';
import { type SchemaTarget, setLockTimeout } from './schema-target.js';

/**
 * Limits the first attempt's wait for a table while it holds others, in milliseconds. Each later attempt
 * waits twice as long. It is shorter than the server's deadlock_timeout, 1 s by default, after which the
 * server ends one of the waiting sessions.
 * https://www.postgresql.org/docs/current/runtime-config-locks.html
 */
const FIRST_WAIT_MS = 250;

const IN_USE: ReadonlySet<unknown> = new Set([
  POSTGRES_ERROR.lockNotAvailable,
  POSTGRES_ERROR.deadlockDetected,
]);

/** Returns whether a statement failed because other sessions hold its locks. */
export const isInUse = (error: unknown): boolean =>
  IN_USE.has((error as { code?: unknown } | undefined)?.code);

/**
 * Locks all tables of a schema against all other sessions, until the end of the runner's
 * transaction.
 *
 * Requests lock tables in an unknown order. So an attempt that has to wait releases its locks, and the
 * requests can finish. Otherwise the server would detect a deadlock and end one of them.
 *
 * @param timeoutMs limits the attempts, and the lock wait of later statements, in milliseconds
 * @throws QueryFailedError 55P03 when other sessions use the tables for longer
 */
export async function lockTables(
  queryRunner: QueryRunner,
  target: Pick<SchemaTarget, 'schema' | 'sqlName'>,
  timeoutMs: number,
): Promise<void> {
  const tables = await readTables(queryRunner, target);
  if (tables.length === 0) return;
  const deadline = Date.now() + timeoutMs;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
    const left = deadline - Date.now();
    await queryRunner.startTransaction();
    try {
      await queryRunner.query(
        joinStatements([
          setLockTimeout(Math.min(waitMs, left)),
          `LOCK TABLE ${tables.join(', ')} IN ACCESS EXCLUSIVE MODE`,
          setLockTimeout(timeoutMs),
        ]),
      );
      return await queryRunner.commitTransaction();
    } catch (error) {
      // A broken connection has nothing to roll back, and the first error is the one to report.
      await queryRunner.rollbackTransaction().catch(() => undefined);
      if (!isInUse(error) || left <= waitMs) throw error;
    }
  }
}

/**
 * Lists the tables, except those that the login may not lock. The owner of a schema can drop tables of other
 * owners in it.
 */
async function readTables(
  queryRunner: QueryRunner,
  { schema, sqlName }: Pick<SchemaTarget, 'schema' | 'sqlName'>,
): Promise<string[]> {
  const rows = (await queryRunner.query(
    `SELECT c.relname AS table FROM pg_catalog.pg_class AS c
     JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
     ORDER BY c.oid`,
    [schema],
  )) as { table: string }[];
  return rows.map(({ table }) => `${quoteIdentifier(sqlName)}.${quoteIdentifier(table)}`);
}
