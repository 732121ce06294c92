import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import { clientOf } from '../../connection/client/client-of.js';
import { isolationOptionsOf } from '../../connection/wire/isolation-options.js';
import { tenantContext } from '../../context/tenant-context.js';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import { liftTimeLimits, NO_TIME_LIMIT_IN_SESSION, noTimeLimits } from './time-limits.js';

/** The schema of the shared history. */
export const SHARED_SCHEMA = 'public';

/** A schema that a history applies to. */
export interface SchemaTarget {
  /** Its real name: for locks, results and messages. */
  readonly schema: string;
  /** What SQL calls it: the placeholder for a tenant's. */
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
  return {
    schema: tenant.schema,
    sqlName: TENANT_SCHEMA,
    enter: (work) => tenantContext.runAsOwner(tenant, work),
  };
}

/** The key of a schema's advisory lock, for `hashtextextended($1, 0)`. */
export const lockKey = ({ schema }: Pick<SchemaTarget, 'schema'>): string =>
  `tenant-schemas:${schema}`;

/** Has a transaction wait so long for any lock from now on: at least a millisecond, as 0 is without end. */
export const setLockTimeout = (milliseconds: number): string =>
  `SET LOCAL lock_timeout TO ${Math.max(1, Math.ceil(milliseconds))}`;

/**
 * Has a transaction end with its client: the server would go on with what it was sent, be it to the COMMIT behind it,
 * and keep its locks as long. Not every platform of a server can tell.
 * https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-CLIENT-CONNECTION-CHECK-INTERVAL
 */
export const END_WITH_CLIENT =
  'DO $$ BEGIN SET LOCAL client_connection_check_interval TO 1000; ' +
  'EXCEPTION WHEN invalid_parameter_value THEN NULL; END $$';

/** A `lock_timeout` of the login's is for tables that others use, not for a schema's lock. */
const WAIT = 'SET LOCAL lock_timeout TO 0';
const WAIT_AS_BEFORE = 'SET LOCAL lock_timeout TO DEFAULT';

/** Takes a schema's lock until the end of the transaction. A schema's name needs no escaping. */
export function lockStatements(dataSource: DataSource, target: SchemaTarget): string[] {
  return [
    ...noTimeLimits(dataSource),
    WAIT,
    `SELECT pg_advisory_xact_lock(hashtextextended('${lockKey(target)}', 0))`,
    WAIT_AS_BEFORE,
  ];
}

/**
 * The search path of work on a schema: the schema itself, and those of extensions. `pg_temp` stands last, because the
 * server would otherwise look there first.
 */
export function searchPathOf(dataSource: DataSource, { sqlName }: SchemaTarget): string {
  const { extensionSchemas } = isolationOptionsOf(dataSource);
  return [sqlName, ...extensionSchemas, 'pg_temp'].map(quoteIdentifier).join(', ');
}

/**
 * Runs work in one transaction, on a runner of the schema's, under the schema's own lock: others that
 * change this schema wait, other schemas' do not. The lock is the transaction's, so that it also holds
 * behind a transaction pooler.
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

/** The same on a runner that is there already, and in no transaction. */
export async function lockedTransaction<T>(
  queryRunner: QueryRunner,
  target: SchemaTarget,
  work: () => Promise<T>,
): Promise<T> {
  try {
    await queryRunner.startTransaction();
    await liftTimeLimits(queryRunner);
    await queryRunner.query(WAIT);
    // With a parameter it goes by the extended protocol, and so in one message with the transaction's start.
    await queryRunner.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      lockKey(target),
    ]);
    await queryRunner.query(WAIT_AS_BEFORE);
    const result = await work();
    await queryRunner.commitTransaction();
    return result;
  } catch (error) {
    // A connection that broke has nothing to roll back; the first error is the one to tell.
    await queryRunner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}

/**
 * Pause between two attempts to get a session lock. A statement that waits for it would hold a snapshot,
 * which CREATE INDEX CONCURRENTLY of the lock's holder waits for in turn: a deadlock.
 */
const LOCK_PAUSE_MS = 100;

/**
 * Runs work outside a transaction under the schema's session lock, which needs a direct connection
 * (`requireSessions`): behind a transaction pooler two could hold it. It is another lock than the transactions', which work
 * may use. Without a time limit, with the schema's own search path. The pool closes the connection afterwards.
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

/** Runs work on a runner of the schema's, which is released whatever happens. */
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
