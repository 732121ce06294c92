import type { ChangeListenerOptions } from './interfaces/change-listener-options.interface.js';
import type { DeprecatedTenantModuleOptions } from './deprecated.js';
import type { TenantCacheOptions } from './request/tenant-cache.js';
import type { MigrationClass } from './interfaces/tenant-migration.interface.js';
import type { Tenant } from './interfaces/tenant.interface.js';
import type { TenantRolesOptions } from './interfaces/tenant-roles-options.interface.js';
import type { TenantRegistry } from './interfaces/tenant-registry.interface.js';
import type { TenantResolver } from './interfaces/tenant-resolver.interface.js';

/** Options of `TenantModule.forRoot()`, and what the factory of `forRootAsync()` returns. */
export interface TenantModuleOptions<
  T extends Tenant = Tenant,
> extends DeprecatedTenantModuleOptions<T> {
  /** Looks up tenants in the application's table. Required; reading is enough to serve requests. */
  readonly registry: TenantRegistry<T>;
  /**
   * Listens for changes of tenants (LISTEN) on a connection of its own, so that every process drops what it caches of
   * them. Without it, and without a registry that announces changes, cached tenants are trusted for 5 seconds.
   */
  readonly changeListener?: ChangeListenerOptions;
  /** Extracts the tenant id from a request. Default: the UUID in the `X-Request-ID` header. */
  readonly resolver?: TenantResolver;
  /**
   * Throws an exception of the application to reject requests for a known tenant, for example one that is suspended.
   * The guard calls it for each request before the tenant becomes current. Default: every tenant is served.
   */
  assertServable?(tenant: T): void;
  /** Bounds and lifetimes of the cache in front of the registry. */
  readonly cache?: TenantCacheOptions;
  /** History of the shared schema `public`, oldest first. Default none. */
  readonly sharedMigrations?: readonly MigrationClass[];
  /** History of each tenant's schema, oldest first. Default none. */
  readonly tenantMigrations?: readonly MigrationClass[];
  /** Configures the roles of tenants. Has no effect unless `isolation` is 'role'. */
  readonly roles?: TenantRolesOptions;
}
