import type { ChangeListenerOptions } from './interfaces/change-listener-options.interface.js';
import type { TenantDirectoryOptions } from './request/tenant-directory.js';
import type { MigrationClass } from './interfaces/tenant-migration.interface.js';
import type { Tenant } from './interfaces/tenant.interface.js';
import type { TenantRolesOptions } from './interfaces/tenant-roles-options.interface.js';
import type { TenantRegistry } from './interfaces/tenant-registry.interface.js';
import type { TenantResolver } from './interfaces/tenant-resolver.interface.js';

/** Options of `TenantModule.forRoot()`, and what the factory of `forRootAsync()` returns. */
export interface TenantModuleOptions<T extends Tenant = Tenant> {
  /** Looks up tenants in the application's table. Required; reading is enough to serve requests. */
  readonly registry: TenantRegistry<T>;
  /**
   * Listens for changes of tenants (LISTEN) on a connection of its own, so that every process drops what it caches of
   * them. Without it, and without a registry that announces changes, cached tenants are trusted for 5 seconds.
   */
  readonly changeListener?: ChangeListenerOptions;
  /** Who is asked for. Default: the UUID in the `X-Request-ID` header. */
  readonly resolver?: TenantResolver;
  /**
   * Refuses, by a throw of the application's own, requests to a tenant that exists and may not be served
   * now. Called for each request before the tenant becomes current. Default: every tenant is served.
   */
  admit?(tenant: T): void;
  /** Bounds and lifetimes of the cache in front of the registry. */
  readonly directory?: TenantDirectoryOptions;
  /** History of the shared schema `public`, oldest first. Default none. */
  readonly sharedMigrations?: readonly MigrationClass[];
  /** History of each tenant's schema, oldest first. Default none. */
  readonly tenantMigrations?: readonly MigrationClass[];
  /** What tenants' roles may, where `isolation` is 'role'. */
  readonly roles?: TenantRolesOptions;
}
