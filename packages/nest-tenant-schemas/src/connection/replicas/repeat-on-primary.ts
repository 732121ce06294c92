import pg from 'pg';
import { QueryFailedError, type QueryRunner } from 'typeorm';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { ReplicaReadOnlyError } from '../../errors/connection/replica-read-only.error.js';
import { TenantRoleError } from '../../errors/connection/tenant-role.error.js';
import { TenancyError } from '../../errors/tenancy.error.js';
import { dataSourceOf } from '../typeorm/typeorm-versions.js';
import { isOnReplica } from './replica.js';

type Query = QueryRunner['query'];

/**
 * Makes a runner for reads repeat a failed read on the primary. A replica fails reads that the primary
 * answers: it stops, it cancels a statement that conflicts with recovery, or it has not yet replayed a new schema.
 */
export function repeatReadsOnPrimary(queryRunner: QueryRunner): QueryRunner {
  const query = queryRunner.query.bind(queryRunner) as Query;
  const read = async (...sent: Parameters<Query>): Promise<unknown> => {
    try {
      return await query(...sent);
    } catch (error) {
      const onPrimary = queryOnPrimary(queryRunner);
      if (isWrite(error) && holdsReplica(queryRunner)) throw new ReplicaReadOnlyError(error);
      if (!onPrimary || !mayRepeat(error)) throw error;
      return onPrimary(...sent);
    }
  };
  return Object.assign(queryRunner, { query: read });
}

/** Returns the method that runs a read of the runner on the primary, or undefined in a transaction and on the primary. */
export function queryOnPrimary(queryRunner: QueryRunner): Query | undefined {
  if (queryRunner.isTransactionActive || !holdsReplica(queryRunner)) return undefined;
  const onPrimary = async (...sent: Parameters<Query>): Promise<unknown> => {
    const primary = dataSourceOf(queryRunner).createQueryRunner('master');
    try {
      return await primary.query(...sent);
    } finally {
      await primary.release();
    }
  };
  return onPrimary as Query;
}

function holdsReplica(queryRunner: QueryRunner): boolean {
  return isOnReplica((queryRunner as { databaseConnection?: object }).databaseConnection);
}

function isWrite(error: unknown): error is QueryFailedError {
  return codeOf(error) === POSTGRES_ERROR.readOnlyTransaction;
}

/**
 * Returns whether the primary may answer. False for statements that the engine did not send, and for a canceled
 * statement: it ran into its time limit.
 */
function mayRepeat(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  const { driverError } = error as { driverError: unknown };
  if (driverError instanceof TenancyError) return driverError instanceof TenantRoleError;
  return codeOf(error) !== POSTGRES_ERROR.queryCanceled;
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof QueryFailedError)) return undefined;
  const { driverError } = error as { driverError: unknown };
  return driverError instanceof pg.DatabaseError ? driverError.code : undefined;
}
