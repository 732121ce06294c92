import type { DataSource, QueryRunner } from 'typeorm';
import {
  END_WITH_CLIENT,
  lockKey,
  onRunner,
  type SchemaTarget,
  setLockTimeout,
} from './schema-target.js';
import { liftTimeLimits } from './time-limits.js';

export interface LockedOptions {
  /** Names of further schemas to lock, besides the target's. */
  readonly alsoLock?: readonly string[];
  /** Limits how long the transaction waits for any lock, in milliseconds. Default: no limit. */
  readonly lockTimeoutMs?: number;
}

/** Signals that a snapshot is older than the rows that the work must read. The work then starts again. */
export class StaleSnapshotError extends Error {
  constructor() {
    super('The snapshot is older than a table that it reads.');
  }
}

/**
 * Prevents the server from compiling reads of the catalogue, which takes seconds because it overestimates
 * their rows.
 */
const WITHOUT_JIT = 'SET LOCAL jit TO off';

type Work<R> = (queryRunner: QueryRunner) => Promise<R>;

/** Runs work in one transaction on the target's runner, under the locks of all affected schemas. */
export function underLocks<R>(
  dataSource: DataSource,
  target: SchemaTarget,
  { alsoLock = [], lockTimeoutMs }: LockedOptions,
  work: Work<R>,
): Promise<R> {
  return onRunner(dataSource, target, (queryRunner) =>
    transactionOn(queryRunner, undefined, async () => {
      if (lockTimeoutMs !== undefined) {
        await queryRunner.query(setLockTimeout(lockTimeoutMs));
        await queryRunner.query(WITHOUT_JIT);
      }
      // Two transactions that need the same locks take them in the same order, so they never wait for each
      // other.
      for (const key of keysOf(target, alsoLock)) {
        await queryRunner.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [key]);
      }
      return work(queryRunner);
    }),
  );
}

/**
 * Runs work on the target's runner in one transaction with one snapshot. It holds the target's lock and a
 * source's shared lock.
 *
 * A transaction that waits for a lock has its snapshot from before the wait. So it does not wait: another
 * transaction waits, and this one starts again until both locks are free.
 * https://www.postgresql.org/docs/current/transaction-iso.html#XACT-REPEATABLE-READ
 */
export async function inSnapshotUnderLocks<R>(
  queryRunner: QueryRunner,
  target: SchemaTarget,
  source: string,
  work: () => Promise<R>,
): Promise<R> {
  for (;;) {
    const done = await transactionOn(queryRunner, 'REPEATABLE READ', async () => {
      const [{ locked }] = (await queryRunner.query(
        `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))
            AND pg_try_advisory_xact_lock_shared(hashtextextended($2, 0)) AS locked`,
        [lockKey(target), lockKey({ schema: source })],
      )) as [{ locked: boolean }];
      if (!locked) return undefined;
      await queryRunner.query(END_WITH_CLIENT);
      return { result: await work() };
    }).catch((error: unknown) => {
      if (error instanceof StaleSnapshotError) return 'stale';
      throw error;
    });
    if (typeof done === 'object') return done.result;
    if (done === undefined) await waitForLocks(queryRunner, target, source);
  }
}

/**
 * Waits for both locks. It holds the target's lock, because that lock shows other sessions that the target is
 * being built.
 */
function waitForLocks(
  queryRunner: QueryRunner,
  target: SchemaTarget,
  source: string,
): Promise<void> {
  return transactionOn(queryRunner, undefined, async () => {
    await queryRunner.query('SET LOCAL lock_timeout TO 0');
    await queryRunner.query(END_WITH_CLIENT);
    for (const key of keysOf(target, [source])) {
      const kind = key === lockKey({ schema: source }) ? '_shared' : '';
      await queryRunner.query(`SELECT pg_advisory_xact_lock${kind}(hashtextextended($1, 0))`, [
        key,
      ]);
    }
  });
}

function keysOf(target: SchemaTarget, alsoLock: readonly string[]): string[] {
  return [target, ...alsoLock.map((schema) => ({ schema }))].map(lockKey).toSorted();
}

async function transactionOn<R>(
  queryRunner: QueryRunner,
  isolation: 'REPEATABLE READ' | undefined,
  work: () => Promise<R>,
): Promise<R> {
  try {
    await queryRunner.startTransaction(isolation);
    await liftTimeLimits(queryRunner);
    const result = await work();
    await queryRunner.commitTransaction();
    return result;
  } catch (error) {
    // A broken connection has nothing to roll back, and the first error is the one to report.
    await queryRunner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}
