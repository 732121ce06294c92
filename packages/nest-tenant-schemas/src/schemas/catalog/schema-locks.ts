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
  /** Further schemas whose locks are needed, besides the target's. */
  readonly alsoLock?: readonly string[];
  /** Milliseconds that the transaction waits for any lock. Default: without end. */
  readonly lockTimeoutMs?: number;
}

/** Thrown by work in a snapshot that is older than the rows it must read. The work then starts again. */
export class StaleSnapshotError extends Error {
  constructor() {
    super('The snapshot is older than a table that it reads.');
  }
}

/** The server would take seconds to compile reads of the catalogue, whose rows it takes for many more than they are. */
const WITHOUT_JIT = 'SET LOCAL jit TO off';

type Work<R> = (queryRunner: QueryRunner) => Promise<R>;

/** Runs work in one transaction on a runner of the target's, under the locks of all schemas it concerns. */
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
      // Always in the same order: two that need the same two never wait for each other.
      for (const key of keysOf(target, alsoLock)) {
        await queryRunner.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [key]);
      }
      return work(queryRunner);
    }),
  );
}

/**
 * Runs work of a runner of the target's in one transaction and one snapshot under the target's lock and a source's, which
 * others may read from at the same time. A transaction that waits for a lock has its snapshot from before the wait. So
 * another one waits, and this one begins again until both locks are free.
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

/** Others see by the target's lock that its maker is there: so this waits for the source with that lock. */
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
    // A connection that broke has nothing to roll back; the first error is the one to tell.
    await queryRunner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}
