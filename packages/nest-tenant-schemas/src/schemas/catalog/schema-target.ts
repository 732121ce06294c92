import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import { clientOf } from '../../connection/client/client-of.js';
import { isolationOptionsOf } from '../../connection/wire/isolation-options.js';
import { tenantContext } from '../../context/tenant-context.js';
import { TenantScope } from '../../context/tenant-scope.js';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { TenantMismatchError } from '../../errors/tenant-mismatch.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import { liftTimeLimits, NO_TIME_LIMIT_IN_SESSION, noTimeLimits } from './time-limits.js';

/** Names the schema of the shared history. */
export const SHARED_SCHEMA = 'public';

/** Describes a schema that a history applies to. */
export interface SchemaTarget {
  /** The real name, for locks, results and messages. */
  readonly schema: string;
  /** The name in SQL: the placeholder for a tenant's schema. */
  readonly sqlName: string;
  /** Runs work in the schema's context, with the rights of the owner of all schemas. */
  readonly enter: <T>(work: () => Promise<T>) => Promise<T>;
}

export const SHARED_TARGET: SchemaTarget = {
  schema: SHARED_SCHEMA,
  sqlName: SHARED_SCHEMA,
  enter: (work) => tenantContext.runAsOwner(undefined, work),
};

export function tenantTarget(tenant: Tenant): SchemaTarget {
  const { schema } = tenant;
  return {
    schema,
    sqlName: TENANT_SCHEMA,
    enter: (work) => {
      const scope = new TenantScope(tenant, true);
      // The lock and the messages name the schema of the call.
      if (scope.tenant?.schema !== schema) {
        throw new TenantMismatchError('This work', schema, tenant.schema);
      }
      return tenantContext.runInScope(scope, work);
    },
  };
}

/** Returns the key of a schema's advisory lock, for `hashtextextended($1, 0)`. */
export const lockKey = ({ schema }: Pick<SchemaTarget, 'schema'>): string =>
  `tenant-schemas:${schema}`;

/** Returns SQL that limits later lock waits of a transaction. At least 1 ms, because 0 means no limit. */
export const setLockTimeout = (milliseconds: number): string =>
  `SET LOCAL lock_timeout TO ${Math.max(1, Math.ceil(milliseconds))}`;

/**
 * Makes a transaction end when its client disconnects. Otherwise the server would continue with the received
 * statements, even a COMMIT, and keep the locks until then. Not all server platforms support this check.
 * https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-CLIENT-CONNECTION-CHECK-INTERVAL
 */
export const END_WITH_CLIENT =
  'DO $$ BEGIN SET LOCAL client_connection_check_interval TO 1000; ' +
  'EXCEPTION WHEN invalid_parameter_value THEN NULL; END $$';

/** Removes the login's `lock_timeout`, which applies to shared tables, not to a schema's lock. */
const WAIT = 'SET LOCAL lock_timeout TO 0';
const WAIT_AS_BEFORE = 'SET LOCAL lock_timeout TO DEFAULT';

/**
 * Returns SQL that takes a schema's lock until the end of the transaction. A valid schema name needs no
 * escapes.
 */
export function lockStatements(dataSource: DataSource, target: SchemaTarget): string[] {
  return [
    ...noTimeLimits(dataSource),
    WAIT,
    `SELECT pg_advisory_xact_lock(hashtextextended('${lockKey(target)}', 0))`,
    WAIT_AS_BEFORE,
  ];
}

/**
 * Returns the search path of work on a schema: the schema, and those of extensions. `pg_temp` comes last,
 * because the server would otherwise search it first.
 */
export function searchPathOf(dataSource: DataSource, { sqlName }: SchemaTarget): string {
  const { extensionSchemas } = isolationOptionsOf(dataSource);
  return [sqlName, ...extensionSchemas, 'pg_temp'].map(quoteIdentifier).join(', ');
}

/**
 * Runs work in one transaction on a runner of the schema, under the schema's lock. Other work on this schema
 * waits; work on other schemas does not. The transaction owns the lock, so it also holds behind a transaction
 * pooler.
 * https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
 */
export function inLockedTransaction<T>(
  dataSource: DataSource,
  target: SchemaTarget,
  work: (queryRunner: QueryRunner) => Promise<T>,
): Promise<T> {
  return onRunner(dataSource, target, (queryRunner) =>
    lockedTransaction(queryRunner, target, () => work(queryRunner)),
  );
}

/** Runs work in one transaction under the schema's lock, on an existing runner without a transaction. */
export async function lockedTransaction<T>(
  queryRunner: QueryRunner,
  target: SchemaTarget,
  work: () => Promise<T>,
): Promise<T> {
  try {
    await queryRunner.startTransaction();
    await liftTimeLimits(queryRunner);
    await queryRunner.query(WAIT);
    // A parameter selects the extended protocol, which sends the statement in one message with the begin.
    await queryRunner.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      lockKey(target),
    ]);
    await queryRunner.query(WAIT_AS_BEFORE);
    const result = await work();
    await queryRunner.commitTransaction();
    return result;
  } catch (error) {
    // A broken connection has nothing to roll back, and the first error is the one to report.
    await queryRunner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}

/**
 * Sets the pause between attempts to get a session lock, in milliseconds. A waiting statement would hold a
 * snapshot. If the lock's holder ran CREATE INDEX CONCURRENTLY, it would wait for that snapshot: a deadlock.
 */
const LOCK_PAUSE_MS = 100;

/**
 * Runs work outside a transaction under a session lock of the schema. It has no time limit, and the schema's
 * own search path. The lock differs from that of transactions, which the work may use. The pool closes the
 * connection afterwards.
 *
 * It needs a direct connection (`requireSessions`): behind a transaction pooler, two sessions could hold the
 * lock.
 */
export function inLockedSession<T>(
  dataSource: DataSource,
  target: SchemaTarget,
  work: (queryRunner: QueryRunner) => Promise<T>,
): Promise<T> {
  const key = [`${lockKey(target)}:session`];
  return onRunner(dataSource, target, async (queryRunner) => {
    await queryRunner.connect();
    await clientOf(queryRunner)?.keepForSession([
      NO_TIME_LIMIT_IN_SESSION,
      `SET search_path TO ${searchPathOf(dataSource, target)}`,
    ]);
    while (!(await tryLock(queryRunner, key))) await sleep(LOCK_PAUSE_MS);
    try {
      return await work(queryRunner);
    } finally {
      // A broken connection has released its locks already.
      await queryRunner
        .query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', key)
        .catch(() => undefined);
    }
  });
}

async function tryLock(queryRunner: QueryRunner, key: readonly string[]): Promise<boolean> {
  const [{ locked }] = (await queryRunner.query(
    'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked',
    [...key],
  )) as [{ locked: boolean }];
  return locked;
}

/** Runs work on a runner of the schema, and always releases the runner. */
export function onRunner<T>(
  dataSource: DataSource,
  target: SchemaTarget,
  work: (queryRunner: QueryRunner) => Promise<T>,
): Promise<T> {
  return target.enter(async () => {
    const queryRunner = dataSource.createQueryRunner('master');
    try {
      return await work(queryRunner);
    } finally {
      await queryRunner.release();
    }
  });
}
