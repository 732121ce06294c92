import type { DataSource, EntityManager } from 'typeorm';
import { plainDataSourceOf } from '../../connection/typeorm/bound-scope.js';
import type { NamedMigration } from '../../core/migration-history.js';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { requireRegistryMethods } from '../../core/require-registry-methods.js';
import { TenantConflictError } from '../../errors/tenant-conflict.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import type { Named } from './new-tenant.js';
import type { SeedTenant } from '../../interfaces/tenant-seed.interface.js';
import type { TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import type { TenantRolesOptions } from '../../interfaces/tenant-roles-options.interface.js';
import { TenantRoles } from '../roles/tenant-roles.js';
import { SchemaBuild } from './schema-build.js';
import { SchemaDropper, type SchemaDropperOptions } from './schema-dropper.js';
import { tenantTarget } from '../catalog/schema-target.js';

/** Writes the first rows of a new tenant. */
export type FillTenant = (manager: EntityManager) => Promise<void>;

/**
 * Creates and drops tenants, completely or not at all: registry row, schema, role, tables and migrations
 * table.
 */
export class TenantProvisioner<T extends Tenant = Tenant> {
  private readonly dataSource: DataSource;

  /**
   * @param history the migrations of tenants, from `readHistory`
   * @param rolesOptions has no effect unless `isolation` is 'role'
   * @param seed writes the rows that every new tenant begins with
   */
  constructor(
    dataSource: DataSource,
    private readonly registry: TenantRegistry<T>,
    private readonly history: readonly NamedMigration[],
    private readonly rolesOptions?: TenantRolesOptions,
    private readonly seed?: SeedTenant,
  ) {
    this.dataSource = plainDataSourceOf(dataSource);
  }

  /**
   * Creates a tenant. Each migration runs in its own transaction, as in an existing tenant, and the last
   * transaction adds the row. It takes five round trips if the migrations need no results.
   *
   * A failure removes the schema. If the process is killed, the next `create` of the schema removes the
   * remains.
   *
   * @param fill writes the tenant's first rows after the module's `seed`, in its context and in the last transaction
   * @throws TenancyOptionsError before a statement is sent, if the registry has no `insert`
   * @throws SchemaNameInvalidError before a statement is sent
   * @throws TenantConflictError when the tenant's name, id or schema is taken
   * @throws MigrationFailedError when the tenant history does not apply. Nothing is left
   * @throws TransactionEndedError when `seed` or `fill` ends the transaction
   */
  async create(tenant: T & Named, fill?: FillTenant): Promise<void> {
    const { dataSource, history, seed } = this;
    const registry = requireRegistryMethods(this.registry, 'insert');
    try {
      const dropper = new SchemaDropper(dataSource, registry);
      await SchemaBuild.run(dataSource, tenantTarget(tenant), dropper, {
        roles: TenantRoles.of(dataSource, this.rolesOptions),
        prepare: async ({ manager }) => {
          await registry.insert(manager, tenant);
          return history;
        },
        finish: (session, build) =>
          session.transaction(async () => {
            const { manager } = session.queryRunner;
            if (seed) await session.guard(() => seed(manager, tenant));
            if (fill) await session.guard(() => fill(manager));
            session.add('SET LOCAL search_path TO DEFAULT');
            await registry.insert(manager, tenant);
            session.add(...build.finish());
          }, build.assertCreateMarker),
      });
    } catch (error) {
      throw conflictOr(error, tenant.schema);
    }
  }

  /** Drops a tenant's row, schema and role, like {@link SchemaDropper.drop}. */
  drop(tenant: T, options?: SchemaDropperOptions): Promise<void> {
    return new SchemaDropper(this.dataSource, this.registry, options).drop(tenant);
  }
}

/** Returns the error to report: a conflict if the schema exists, or the error itself. */
export function conflictOr(error: unknown, schema: string): unknown {
  return (error as { code?: unknown }).code === POSTGRES_ERROR.duplicateSchema
    ? new TenantConflictError(`schema "${schema}"`, { cause: error })
    : error;
}
