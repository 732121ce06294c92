import type { ChangeListenerOptions } from './interfaces/change-listener-options.interface.js';
import type { DeprecatedTenantModuleOptions } from './deprecated.js';
import type { TenantCacheOptions } from './request/tenant-cache.js';
import type { MigrationClass } from './interfaces/tenant-migration.interface.js';
import type { Tenant } from './interfaces/tenant.interface.js';
import type { TenantSeedOption } from './interfaces/tenant-seed.interface.js';
import type { TenantRolesOptions } from './interfaces/tenant-roles-options.interface.js';
import type { TenantMigrations } from './schemas/migrate/single-tenant/load-tenant-migrations.js';
import type { TenantRegistryOption } from './interfaces/tenant-registry-option.interface.js';
import type { TenantResolver } from './interfaces/tenant-resolver.interface.js';

/** Configures `TenantModule`: the options of `forRoot()`, and the result of the factory of `forRootAsync()`. */
export interface TenantModuleOptions<
  T extends Tenant = Tenant,
> extends DeprecatedTenantModuleOptions<T> {
  /** Says where the tenants are. Default: in the engine's own table `public.tenants`, which a shared migration creates. */
  readonly registry?: TenantRegistryOption<T>;
  /**
   * Listens for changes of tenants (LISTEN) on its own connection, so that every process evicts changed
   * tenants. Without it, and without a registry that announces changes, cached tenants stay valid for 5
   * seconds. `channel` is required, except with the engine's own table. Default: on with that table, otherwise off.
   * `false` turns it off.
   */
  readonly changeListener?: Partial<ChangeListenerOptions> | false;
  /** Extracts the tenant id from a request. Default: the UUID in the `X-Tenant-ID` header. */
  readonly resolver?: TenantResolver;
  /**
   * Throws an exception of the application to reject requests for a known tenant, for example one that is suspended.
   * The guard calls it for each request before the tenant becomes current. Default: with the engine's own table, a suspended
   * tenant is rejected with `TENANT_SUSPENDED`. With another registry, every tenant is served.
   */
  assertServable?(tenant: T): void;
  /**
   * Binds tokens to their tenants: each `JwtService` of `@nestjs/jwt` writes the current tenant into the claim `tid`, and
   * `JwtService` and strategies of `passport-jwt` reject tokens of another tenant with 401. Tokens that were issued before are
   * rejected too. Without a tenant, only tokens that were issued without one are valid. Set `false` if all tenants share the
   * tokens, for example those of an identity provider. Default: tokens stay as they are, and start-up warns.
   */
  readonly bindTokens?: boolean | undefined;
  /** Limits the size of the tenant cache, and the age of its entries. */
  readonly cache?: TenantCacheOptions;
  /** Lists the migrations of the shared schema `public`, oldest first. Default: none. */
  readonly sharedMigrations?: readonly MigrationClass[];
  /**
   * Lists the migrations of each tenant's schema. `singleTenantMigrations(…)` takes existing TypeORM migrations as they are,
   * alone or as an element of the list. Default: none.
   */
  readonly tenantMigrations?: TenantMigrations;
  /**
   * Writes the rows that every new tenant begins with, for example roles and statuses: a function, or the class of a provider
   * with a method `seed`. It runs in the tenant, in the last transaction of its creation. Clones and adopted tenants have
   * rows already. Default: none.
   */
  readonly seed?: TenantSeedOption<T>;
  /** Configures the roles of tenants. Has no effect unless `isolation` is 'role'. */
  readonly roles?: TenantRolesOptions;
}
