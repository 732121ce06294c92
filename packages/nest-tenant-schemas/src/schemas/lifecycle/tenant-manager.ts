import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { plainDataSourceOf } from '../../connection/typeorm/bound-scope.js';
import { allTenants } from '../../context/all-tenants.js';
import { findTenantBySchema } from '../../context/find-tenant.js';
import { tenantContext } from '../../context/tenant-context.js';
import { requireRegistryMethods } from '../../core/require-registry-methods.js';
import { TenantNotFoundError } from '../../errors/tenant-not-found.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import type { TenantChanges, TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import type { CloneOptions, TenantCloner } from '../clone/tenant-cloner.js';
import { completeTenant, type NewTenant } from './new-tenant.js';
import type { SchemaDropperOptions } from './schema-dropper.js';
import type { TenantRenamer, TenantRenameOptions } from './rename/tenant-renamer.js';
import type { FillTenant, TenantProvisioner } from './tenant-provisioner.js';

/** The cache of tenants, as far as a change concerns it. */
interface CachedTenants {
  /** Drops what is cached of one tenant. */
  forget(id: string): void;
}

/** Finds tenants by their schema, as operators name them, and creates, changes, renames, clones and drops them. */
export class TenantManager<T extends Tenant = Tenant> {
  private readonly dataSource: DataSource;

  constructor(
    dataSource: DataSource,
    private readonly registry: TenantRegistry<T>,
    private readonly provisioner: TenantProvisioner<T>,
    private readonly cloner: TenantCloner<T>,
    private readonly renamer: TenantRenamer<T>,
    private readonly cache: CachedTenants,
  ) {
    this.dataSource = plainDataSourceOf(dataSource);
  }

  /** Returns all tenants in the registry's order, without holding them all in memory. */
  all(): AsyncIterable<T> {
    return allTenants(this.registry);
  }

  /**
   * Returns the tenant of a schema. Reads all tenants if the registry has no `findBySchema`.
   *
   * @throws TenantNotFoundError when no tenant has that schema
   */
  async getBySchema(schema: string): Promise<T> {
    const tenant = await findTenantBySchema(this.registry, schema);
    if (tenant) return tenant;
    throw new TenantNotFoundError(`No tenant has the schema ${schema}.`);
  }

  /**
   * Creates a tenant, as {@link TenantProvisioner} does.
   *
   * @param columns its schema, and what else the table of tenants needs. Default `id`: that of a fixed list of
   *   tenants, otherwise a random one
   * @param fill writes the tenant's first rows
   * @returns the tenant as the registry has it
   * @throws TenantConflictError when its id, name or schema is taken
   * @throws TenantRowRejectedError when the table of tenants does not take its columns
   */
  async create(columns: NewTenant<T>, fill?: FillTenant): Promise<T> {
    const { registry } = this;
    return tenantContext.runWithoutTenant(async () => {
      const tenant = await completeTenant(registry, columns);
      await this.provisioner.create(tenant, fill);
      this.cache.forget(tenant.id);
      return (await registry.find(tenant.id)) ?? tenant;
    });
  }

  /**
   * Changes columns of a tenant's row, except its schema. This process applies the change to the next request. Other
   * processes apply it when they are notified, or when their cached tenant expires.
   *
   * @returns the tenant as it is now
   * @throws TenancyOptionsError before anything is sent, if the registry has no `update`
   * @throws TenantNotFoundError when the tenant does not exist, or has another schema by now
   * @throws TenantConflictError when its new name is taken
   */
  async update(tenant: T, changes: Omit<TenantChanges<T>, 'schema'>): Promise<T> {
    const registry = requireRegistryMethods(this.registry, 'update');
    const changed = await tenantContext.runWithoutTenant(async () => {
      const isThere = await this.dataSource.transaction((manager) =>
        registry.update(manager, tenant, changes as TenantChanges<T>),
      );
      this.cache.forget(tenant.id);
      return isThere ? registry.find(tenant.id) : undefined;
    });
    if (changed) return changed;
    throw new TenantNotFoundError(`Schema ${tenant.schema} no longer has a tenant.`);
  }

  /**
   * Changes the tenant of a schema, as {@link TenantRenamer} does.
   *
   * @param from its present schema
   * @returns the tenant as it is now
   * @throws TenantNotFoundError when no tenant has the schema `from`
   */
  async rename(from: string, changes: TenantChanges<T>, options?: TenantRenameOptions): Promise<T> {
    const renamed = await this.renamer.rename(await this.getBySchema(from), changes, options);
    this.cache.forget(renamed.id);
    return renamed;
  }

  /**
   * Makes a tenant with a new id from another one, as {@link TenantCloner} does.
   *
   * @param from schema of the source
   * @param changes returns the columns that differ from the source: its schema, and others of the application
   * @returns the new tenant
   * @throws TenantNotFoundError when no tenant has the schema `from`
   */
  async clone(
    from: string,
    changes: (source: T) => TenantChanges<T> & Pick<T, 'schema'>,
    options?: CloneOptions,
  ): Promise<T> {
    const source = await this.getBySchema(from);
    const target = Object.assign(
      Object.create(Object.getPrototypeOf(source)),
      source,
      changes(source),
      { id: randomUUID() },
    ) as T;
    await this.cloner.clone(source, target, options);
    // The table may set columns of its own.
    return (await this.registry.find(target.id)) ?? target;
  }

  /**
   * Drops a tenant with its schema and all its data, as {@link SchemaDropper} does.
   *
   * @throws TenantNotFoundError when its schema no longer has a tenant, or has another one
   */
  async drop(tenant: T, options?: SchemaDropperOptions): Promise<void> {
    // The tenant may be an old copy, because the confirmation of a deletion takes time.
    const { id } = await this.getBySchema(tenant.schema);
    if (id !== tenant.id) {
      throw new TenantNotFoundError(`Schema ${tenant.schema} now belongs to another tenant.`);
    }
    await this.provisioner.drop(tenant, options);
    this.cache.forget(id);
  }
}
