import type { QueryRunner } from 'typeorm';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { joinStatements } from '../../core/sql/statement-batch.js';
import { setLockTimeout } from './schema-target.js';

/**
 * Milliseconds that the first attempt waits for a table while it holds others; each further one twice as long.
 * Shorter than the server's deadlock_timeout, 1 s by default, after which it ends one of those who wait for
 * each other.
 * https://www.postgresql.org/docs/current/runtime-config-locks.html
 */
const FIRST_WAIT_MS = 250;

const IN_USE: ReadonlySet<unknown> = new Set([
  POSTGRES_ERROR.lockNotAvailable,
  POSTGRES_ERROR.deadlockDetected,
]);

/** Whether a statement failed as others hold what it has to lock. */
export const isInUse = (error: unknown): boolean =>
  IN_USE.has((error as { code?: unknown } | undefined)?.code);

/**
 * Locks all tables of the runner's schema against everybody until the end of the runner's transaction. Requests take
 * tables in another order than any that could be chosen here: so an attempt that has to wait gives back what
 * it has got, and lets them end, before the server would end one of them.
 *
 * @param timeoutMs for which it tries, and which later statements wait for a lock
 * @throws QueryFailedError 55P03 when others use the tables for longer
 */
export async function lockTables(
  queryRunner: QueryRunner,
  schema: string,
  timeoutMs: number,
): Promise<void> {
  const tables = await readTables(queryRunner, schema);
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
      // A connection that broke has nothing to roll back; the first error is the one to tell.
      await queryRunner.rollbackTransaction().catch(() => undefined);
      if (!isInUse(error) || left <= waitMs) throw error;
    }
  }
}

/** Without those that the login may not lock: whoever owns a schema drops what others have made in it, too. */
async function readTables(queryRunner: QueryRunner, schema: string): Promise<string[]> {
  const rows = (await queryRunner.query(
    `SELECT c.relname AS table FROM pg_catalog.pg_class AS c
     JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
     ORDER BY c.oid`,
    [schema],
  )) as { table: string }[];
  return rows.map(({ table }) => `${quoteIdentifier(TENANT_SCHEMA)}.${quoteIdentifier(table)}`);
}
