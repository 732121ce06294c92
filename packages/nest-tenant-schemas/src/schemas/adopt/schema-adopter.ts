import type { DataSource } from 'typeorm';
import { findTenantBySchema } from '../../context/find-tenant.js';
import { plainDataSourceOf } from '../../connection/typeorm/bound-scope.js';
import { tenantContext } from '../../context/tenant-context.js';
import { assertSchemaName } from '../../core/names/schema-name.js';
import { requireRegistryMethods } from '../../core/require-registry-methods.js';
import { TenantConflictError } from '../../errors/tenant-conflict.error.js';
import { TenantNotFoundError } from '../../errors/tenant-not-found.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import type { TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import type { TenantRolesOptions } from '../../interfaces/tenant-roles-options.interface.js';
import { completeTenant, type NewTenant } from '../lifecycle/new-tenant.js';
import { conflictOr } from '../lifecycle/tenant-provisioner.js';
import type { MigrationHistories } from '../migrate/schema-migrator.js';
import { TenantRoles } from '../roles/tenant-roles.js';
import { adoptSchema } from './adopt-schema.js';
import { adoptExistingSchema } from './existing/adopt-existing-schema.js';
import { type AdoptionOptions, type AdoptionPlan } from './plan/adoption-plan.js';
import { assertNoObstacles, LOCK_TIMEOUT_MS } from './adoption-session.js';
import { planAdoption } from './plan/plan-adoption.js';
import { restoreSchema } from './restore-schema.js';

/** Configures an adoption. */
export interface AdoptOptions extends AdoptionOptions {
  /** Limits how long other sessions are waited for, in milliseconds. Default 5000. */
  readonly lockTimeoutMs?: number;
}

/** Configures the adoption of an existing schema. */
export interface AdoptSchemaOptions {
  /**
   * Names the newest migration that the schema already contains. `'all'` and `'none'` select all migrations and none. Default:
   * what a migrations table in the schema records, of this package or of TypeORM.
   */
  readonly applied?: string | undefined;
}

/** Makes the objects of `public`, or an existing schema, a tenant's. Decision: docs/decisions/0023-adopting-a-database.md. */
export class SchemaAdopter<T extends Tenant = Tenant> {
  private readonly dataSource: DataSource;

  /**
   * @param histories both histories, from `readHistory`
   * @param rolesOptions has no effect unless `isolation` is 'role'
   */
  constructor(
    dataSource: DataSource,
    private readonly registry: TenantRegistry<T>,
    private readonly histories: MigrationHistories,
    private readonly rolesOptions?: TenantRolesOptions,
  ) {
    this.dataSource = plainDataSourceOf(dataSource);
  }

  /**
   * Reads what `adopt` would do, and what prevents it. It changes nothing.
   *
   * @throws SchemaNameInvalidError before a statement is sent
   */
  plan(schema: string, options: AdoptionOptions = {}): Promise<AdoptionPlan> {
    assertSchemaName(schema);
    return planAdoption(this.dataSource, schema, options, this.histories);
  }

  /**
   * Moves the objects of `public` to a new tenant's schema, in one transaction. It records TypeORM's migrations in the
   * schema's migrations table, runs pending shared migrations, and inserts the tenant's row.
   *
   * @param columns the schema, and what else the table of tenants needs
   * @returns the tenant as the registry has it
   * @throws AdoptionRefusedError when an object cannot be adopted, or other sessions use the tables for too long
   * @throws TenantConflictError when the tenant's name, id or schema is taken
   * @throws TenantRowRejectedError when the table of tenants does not take the columns
   */
  async adopt(columns: NewTenant<T>, options: AdoptOptions = {}): Promise<T> {
    const registry = requireRegistryMethods(this.registry, 'insert');
    const { schema } = columns;
    // The locks stop the application, so that most refusals come without them.
    assertNoObstacles(schema, (await this.plan(schema, options)).obstacles);
    return tenantContext.runWithoutTenant(async () => {
      const { dataSource, histories } = this;
      const tenant = await completeTenant(registry, columns);
      try {
        await adoptSchema(dataSource, tenant, registry, histories, {
          shared: options.shared ?? [],
          lockTimeoutMs: options.lockTimeoutMs ?? LOCK_TIMEOUT_MS,
          roles: this.roles,
        });
      } catch (error) {
        throw conflictOr(error, schema);
      }
      // The adoption is committed, so a failure to read the row is not one of the adoption.
      return (await registry.find(tenant.id).catch(() => undefined)) ?? tenant;
    });
  }

  /**
   * Makes an existing schema a tenant's, in one transaction. It records the migrations that the schema already has, and
   * inserts the tenant's row. Objects and rows of the schema stay as they are. A migrations table of TypeORM in the
   * schema is dropped, after its names are recorded.
   *
   * The schema must have the structure that these migrations create.
   *
   * @param columns the schema, and what else the table of tenants needs
   * @returns the tenant as the registry has it
   * @throws AdoptionRefusedError when the schema does not exist, its migrations are not known, or its structure differs
   * @throws TenantConflictError when the tenant's name, id or schema is taken
   * @throws TenantRowRejectedError when the table of tenants does not take the columns
   * @throws MigrationFailedError when the migrations fail in a new schema, so that nothing can be compared
   */
  async adoptSchema(columns: NewTenant<T>, { applied }: AdoptSchemaOptions = {}): Promise<T> {
    const { schema } = columns;
    assertSchemaName(schema);
    const registry = requireRegistryMethods(this.registry, 'insert');
    return tenantContext.runWithoutTenant(async () => {
      const { dataSource, histories, roles } = this;
      const other = registry.update && (await findTenantBySchema(registry, schema));
      if (other) throw new TenantConflictError(`schema "${schema}"`);
      const tenant = await completeTenant(registry, columns);
      await adoptExistingSchema(dataSource, tenant, registry, histories.tenant, { applied, roles });
      return (await registry.find(tenant.id).catch(() => undefined)) ?? tenant;
    });
  }

  /**
   * Moves the objects of a tenant's schema to `public`, and removes its row and the schema, in one transaction. Shared
   * tables stay.
   *
   * @throws TenantNotFoundError when no tenant has the schema
   * @throws AdoptionRefusedError when an object cannot return to `public`, or other sessions use the tables for too long
   */
  async undo(schema: string, { lockTimeoutMs = LOCK_TIMEOUT_MS }: AdoptOptions = {}): Promise<T> {
    assertSchemaName(schema);
    const registry = requireRegistryMethods(this.registry, 'remove');
    return tenantContext.runWithoutTenant(async () => {
      const tenant = await findTenantBySchema(registry, schema);
      if (tenant?.schema !== schema) {
        throw new TenantNotFoundError(`No tenant has the schema ${schema}.`);
      }
      const { dataSource, histories, roles } = this;
      await restoreSchema(dataSource, tenant, registry, histories, { lockTimeoutMs, roles });
      return tenant;
    });
  }

  private get roles(): TenantRoles | undefined {
    return TenantRoles.of(this.dataSource, this.rolesOptions);
  }
}
