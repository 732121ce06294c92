import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ALLOWS_EQUAL_TIMESTAMPS } from '../../../core/migration-history.js';
import type {
  MigrationClass,
  TenantMigration,
} from '../../../interfaces/tenant-migration.interface.js';
import { rewriteStatements } from './rewrite-statements.js';

/** Describes a migration class of a single-tenant application. */
export type TypeOrmMigrationClass = new () => MigrationInterface;

/** Returns a tenant migration that runs a migration of a single-tenant application, under its name. */
export function tenantMigrationOf(Migration: TypeOrmMigrationClass): MigrationClass {
  return class implements TenantMigration {
    readonly [ALLOWS_EQUAL_TIMESTAMPS] = true;
    private readonly migration = new Migration();
    readonly name = this.migration.name ?? Migration.name;
    readonly transaction = this.migration.transaction;

    up(queryRunner: QueryRunner): Promise<void> {
      return this.run('up', queryRunner, this.transaction !== false);
    }

    down(queryRunner: QueryRunner): Promise<void> {
      return this.run('down', queryRunner, this.transaction !== false);
    }

    /** Runs the migration in a transaction, also one with `transaction = false`. */
    upInNewSchema(queryRunner: QueryRunner): Promise<void> {
      return this.run('up', queryRunner, true);
    }

    private run(
      direction: 'up' | 'down',
      queryRunner: QueryRunner,
      inTransaction: boolean,
    ): Promise<void> {
      return rewriteStatements(
        queryRunner,
        { inTransaction, installsExtensions: direction === 'up' },
        () => this.migration[direction](queryRunner),
      );
    }
  };
}
