import { AsyncLocalStorage } from 'node:async_hooks';
import { TenantContextMissingError } from '../errors/tenant-context-missing.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import { TenantScope } from './tenant-scope.js';

type TenantStorage = AsyncLocalStorage<TenantScope | undefined>;

/** Its number changes with what copies of the package read in each other's scopes. */
const PROCESS_STORAGE = Symbol.for('nest-tenant-schemas.storage.1');

/** Returns the storage that all copies of the package in this process share: package managers may install several. */
function processStorage(): TenantStorage {
  const holder = globalThis as { [PROCESS_STORAGE]?: TenantStorage };
  return (holder[PROCESS_STORAGE] ??= new AsyncLocalStorage());
}

/**
 * For which tenant the current asynchronous work is done. `run` is the only way in, so leaving is
 * never forgotten, and an exception restores what was current before.
 * Decision: docs/decisions/0002-async-context.md.
 */
export class TenantContext {
  constructor(private readonly storage: TenantStorage = new AsyncLocalStorage()) {}

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
 * The tenant context of the process, for all DataSources. An AsyncLocalStorage holds no state of its own. Nest injects
 * it for `TenantContext`.
 */
export const tenantContext = new TenantContext(processStorage());
