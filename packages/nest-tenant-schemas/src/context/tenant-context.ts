import { AsyncLocalStorage } from 'node:async_hooks';
import { TenantContextMissingError } from '../errors/tenant-context-missing.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import { TenantScope } from './tenant-scope.js';

/**
 * For which tenant the current asynchronous work is done. `run` is the only way in, so leaving is
 * never forgotten, and an exception restores what was current before.
 * Decision: docs/decisions/0002-async-context.md.
 */
export class TenantContext {
  private readonly storage = new AsyncLocalStorage<TenantScope | undefined>();

  /**
   * Runs `fn`, and everything it awaits or schedules, for a tenant. Nested calls switch and restore.
   *
   * @returns what `fn` returns
   * @throws SchemaNameInvalidError when the tenant's schema name breaks a rule
   */
  run<T>(tenant: Tenant, fn: () => T): T {
    return this.storage.run(new TenantScope(tenant), fn);
  }

  /** Runs `fn` for no tenant: work on shared tables only, whatever is current outside. */
  runWithoutTenant<T>(fn: () => T): T {
    return this.storage.run(undefined, fn);
  }

  /**
   * Runs `fn` with the rights of the owner of all schemas, for a tenant or for none: for work on schemas, and for an
   * operator's that writes a shared table in a tenant's transaction. Never for what a request may reach. A
   * nested `run` has the tenant's rights again. Where `isolation` is 'names' it is `run` or `runWithoutTenant`.
   *
   * @throws SchemaNameInvalidError when the tenant's schema name breaks a rule
   */
  runAsOwner<T>(tenant: Tenant | undefined, fn: () => T): T {
    return this.storage.run(new TenantScope(tenant, true), fn);
  }

  /** The current tenant, or undefined. */
  get current(): Tenant | undefined {
    return this.storage.getStore()?.tenant;
  }

  /**
   * The current tenant.
   *
   * @throws TenantContextMissingError when there is none
   */
  require(): Tenant {
    const tenant = this.current;
    if (!tenant) throw new TenantContextMissingError();
    return tenant;
  }

  /** The current scope, resolved or not. Engine only: not exported from the package. */
  get scope(): TenantScope | undefined {
    return this.storage.getStore();
  }

  /** Runs `fn` in a scope that exists already. Engine only: not exported from the package. */
  runInScope<T>(scope: TenantScope | undefined, fn: () => T): T {
    return this.storage.run(scope, fn);
  }
}

/**
 * The process's tenant context. One for all DataSources, as an AsyncLocalStorage holds no state
 * of its own; it is also what Nest injects for `TenantContext`.
 */
export const tenantContext = new TenantContext();
