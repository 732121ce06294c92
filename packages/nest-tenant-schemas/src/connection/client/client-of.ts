import type { QueryRunner } from 'typeorm';
import { TenantClient } from './tenant-client.js';

/** The client that a query runner holds, or undefined before its first statement. */
export function clientOf(queryRunner: QueryRunner | undefined): TenantClient | undefined {
  // TypeORM gives the connection only by the asynchronous connect(); events are synchronous.
  const held = (queryRunner as { databaseConnection?: unknown } | undefined)?.databaseConnection;
  return held instanceof TenantClient ? held : undefined;
}
