import type { DataSource } from 'typeorm';
import type { NamedMigration } from '../core/migration-history.js';
import { TENANT_SCHEMA } from '../core/marker.js';
import { POSTGRES_ERROR } from '../core/postgres-error-codes.js';
import { quoteIdentifier } from '../core/quote-identifier.js';
import { MigrationFailedError } from '../errors/migration-failed.error.js';
import { TenantConflictError } from '../errors/tenant-conflict.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { TenantRegistry } from '../interfaces/tenant-registry.interface.js';
import { createLedger, recordMigrations } from './migration-ledger.js';
import { inLockedTransaction, tenantTarget } from './schema-target.js';

const SCHEMA = quoteIdentifier(TENANT_SCHEMA);

/** Makes and drops tenants: registry row, schema, tables and ledger, whole or not at all. */
export class TenantProvisioner<T extends Tenant = Tenant> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly registry: TenantRegistry<T>,
    private readonly history: readonly NamedMigration[],
  ) {}

  /**
   * Creates a tenant in one transaction.
   *
   * @throws SchemaNameInvalidError before anything is sent
   * @throws TenantConflictError when its name, id or schema is taken
   * @throws MigrationFailedError when the tenant history does not apply; nothing is left
   */
  async create(tenant: T): Promise<void> {
    const target = tenantTarget(tenant);
    await inLockedTransaction(this.dataSource, target, async (queryRunner) => {
      await this.registry.insert(queryRunner.manager, tenant);
      try {
        await queryRunner.query(`CREATE SCHEMA ${SCHEMA}`);
      } catch (error) {
        throw isDuplicateSchema(error)
          ? new TenantConflictError(`schema "${tenant.schema}"`, { cause: error })
          : error;
      }
      await createLedger(queryRunner, target);
      for (const { name, migration } of this.history) {
        try {
          await (migration.upInNewSchema ?? migration.up).call(migration, queryRunner);
        } catch (error) {
          throw new MigrationFailedError(tenant.schema, name, error);
        }
      }
      const names = this.history.map(({ name }) => name);
      await recordMigrations(queryRunner, target, [], names);
    });
  }

  /** Drops a tenant's row and schema, with all that is in it, in one transaction. */
  async drop(tenant: T): Promise<void> {
    await inLockedTransaction(this.dataSource, tenantTarget(tenant), async (queryRunner) => {
      await this.registry.remove(queryRunner.manager, tenant);
      await queryRunner.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
    });
  }
}

function isDuplicateSchema(error: unknown): boolean {
  return (error as { code?: unknown }).code === POSTGRES_ERROR.duplicateSchema;
}
