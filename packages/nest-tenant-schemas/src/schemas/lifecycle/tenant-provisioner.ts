import type { DataSource, EntityManager } from 'typeorm';
import type { NamedMigration } from '../../core/migration-history.js';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { requireRegistryMethods } from '../../core/require-registry-methods.js';
import { TenantConflictError } from '../../errors/tenant-conflict.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import type { TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import type { TenantRolesOptions } from '../../interfaces/tenant-roles-options.interface.js';
import { TenantRoles } from '../roles/tenant-roles.js';
import { SchemaBuild } from './schema-build.js';
import { SchemaDropper, type SchemaDropperOptions } from './schema-dropper.js';
import { tenantTarget } from '../catalog/schema-target.js';

/** Writes what a new tenant begins with. */
export type FillTenant = (manager: EntityManager) => Promise<void>;

/** Makes and drops tenants: registry row, schema, role, tables and migrations table, whole or not at all. */
export class TenantProvisioner<T extends Tenant = Tenant> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly registry: TenantRegistry<T>,
    private readonly history: readonly NamedMigration[],
    private readonly rolesOptions?: TenantRolesOptions,
  ) {}

  /**
   * Creates a tenant: each migration in a transaction of its own, as in a tenant that exists, and its row in the last one.
   * Five round trips if its migrations need no answers. A failure removes what was made. What a killed process has left is
   * removed by the next `create` of the schema.
   *
   * @param fill writes what the tenant begins with, in its context and as part of the last transaction
   * @throws TenancyOptionsError before anything is sent, if the registry has no `insert`
   * @throws SchemaNameInvalidError before anything is sent
   * @throws TenantConflictError when its name, id or schema is taken
   * @throws MigrationFailedError when the tenant history does not apply; nothing is left
   * @throws TransactionEndedError when `fill` ends the transaction
   */
  async create(tenant: T, fill?: FillTenant): Promise<void> {
    const { dataSource, history } = this;
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

  /** Drops a tenant's row, schema and role, with all that is in it, as {@link SchemaDropper} does. */
  drop(tenant: T, options?: SchemaDropperOptions): Promise<void> {
    return new SchemaDropper(this.dataSource, this.registry, options).drop(tenant);
  }
}

/** Returns the error to report: that the schema exists already, or the error itself. */
export function conflictOr(error: unknown, schema: string): unknown {
  return (error as { code?: unknown }).code === POSTGRES_ERROR.duplicateSchema
    ? new TenantConflictError(`schema "${schema}"`, { cause: error })
    : error;
}
