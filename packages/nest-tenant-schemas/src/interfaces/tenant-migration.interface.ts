import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A TypeORM migration class. Those of tenants name the schema by the marker, so that one class serves
 * every tenant. Its name (or class name) ends in the timestamp that TypeORM gives it.
 */
export interface TenantMigration extends MigrationInterface {
  /**
   * How the migration runs while a new schema is provisioned, which is always in one transaction: for
   * migrations with `transaction = false`, e.g. without CONCURRENTLY. Default: `up`.
   */
  upInNewSchema?(queryRunner: QueryRunner): Promise<void>;
}

/** A migration class, as listed in a history. */
export type MigrationClass = new () => TenantMigration;
