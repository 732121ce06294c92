import type { QueryRunner } from 'typeorm';
import { TenantMismatchError } from '../../errors/tenant-mismatch.error.js';
import { scopeOf } from '../typeorm/bound-scope.js';
import { TenantClient } from './tenant-client.js';

/**
 * Returns the client of a query runner, or undefined before its first statement.
 *
 * @throws TenantMismatchError when a handle's runner holds a client of a tenant other than the handle's
 */
export function clientOf(queryRunner: QueryRunner | undefined): TenantClient | undefined {
  // TypeORM exposes the connection only through the asynchronous connect(), but events are synchronous.
  const held = (queryRunner as { databaseConnection?: unknown } | undefined)?.databaseConnection;
  if (!(held instanceof TenantClient)) return undefined;
  const bound = queryRunner?.isReleased ? undefined : scopeOf(queryRunner)?.tenant;
  if (bound && held.tenant && held.tenant.schema !== bound.schema) {
    throw new TenantMismatchError('This connection', held.tenant.schema, bound.schema);
  }
  return held;
}
