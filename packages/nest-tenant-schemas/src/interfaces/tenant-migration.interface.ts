import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Describes a TypeORM migration. A tenant migration names the schema by the placeholder, so one class serves
 * all tenants. Its name, or its class name, ends with the timestamp that TypeORM generates.
 */
export interface TenantMigration extends MigrationInterface {
  /**
   * Runs the migration in a new schema, always in its own transaction. Migrations with `transaction = false`
   * need it, for example to create an index without CONCURRENTLY. Default: `up`.
   */
  upInNewSchema?(queryRunner: QueryRunner): Promise<void>;
}

/** Describes a migration class in a history. */
export type MigrationClass = new () => TenantMigration;
