import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A TypeORM migration class. Those of tenants name the schema by the placeholder, so that one class serves
 * every tenant. Its name (or class name) ends in the timestamp that TypeORM gives it.
 */
export interface TenantMigration extends MigrationInterface {
  /**
   * How the migration runs in a new schema, which is always in a transaction of its own: for
   * migrations with `transaction = false`, e.g. without CONCURRENTLY. Default: `up`.
   */
  upInNewSchema?(queryRunner: QueryRunner): Promise<void>;
}

/** A migration class, as listed in a history. */
export type MigrationClass = new () => TenantMigration;
