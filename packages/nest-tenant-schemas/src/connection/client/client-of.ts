import type { QueryRunner } from 'typeorm';
import { TenantClient } from './tenant-client.js';

/** Returns the client of a query runner, or undefined before its first statement. */
export function clientOf(queryRunner: QueryRunner | undefined): TenantClient | undefined {
  // TypeORM exposes the connection only through the asynchronous connect(), but events are synchronous.
  const held = (queryRunner as { databaseConnection?: unknown } | undefined)?.databaseConnection;
  return held instanceof TenantClient ? held : undefined;
}
