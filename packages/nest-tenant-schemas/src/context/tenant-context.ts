import { AsyncLocalStorage } from 'node:async_hooks';
import { TenantContextMissingError } from '../errors/tenant-context-missing.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import { PrimaryScope, TenantScope } from './tenant-scope.js';

type TenantStorage = AsyncLocalStorage<TenantScope | undefined>;

/** Identifies the shared storage. Increase the number when copies of the package need another scope format. */
const PROCESS_STORAGE = Symbol.for('nest-tenant-schemas.storage.2');

/**
 * Returns the storage that all copies of the package in this process share. Package managers may install
 * several copies.
 */
function processStorage(): TenantStorage {
  const holder = globalThis as { [PROCESS_STORAGE]?: TenantStorage };
  return (holder[PROCESS_STORAGE] ??= new AsyncLocalStorage());
}

/**
 * Stores the tenant of the current asynchronous work. Work enters a tenant only through a callback, so every
 * call restores the previous tenant, also after an exception. Decision: docs/decisions/0002-async-context.md.
 */
export class TenantContext {
  /** @param storage holds the scope of the current work. Default: a storage of its own */
  constructor(private readonly storage: TenantStorage = new AsyncLocalStorage()) {}

  /**
   * Runs `fn`, and everything it awaits or schedules, for a tenant. Nested calls switch and restore.
   *
   * @returns what `fn` returns
   * @throws SchemaNameInvalidError when the tenant's schema name breaks a rule
   */
  run<T>(tenant: Tenant, fn: () => T): T {
    return this.storage.run(new TenantScope(tenant, false, this.readsFromPrimary), fn);
  }

  /**
   * Runs `fn` without a tenant, even inside another tenant's context. `fn` reaches shared tables only.
   *
   * @returns what `fn` returns
   */
  runWithoutTenant<T>(fn: () => T): T {
    const scope = this.readsFromPrimary ? new TenantScope(undefined, false, true) : undefined;
    return this.storage.run(scope, fn);
  }

  /**
   * Runs `fn` with reads from the primary, if the DataSource has read replicas. Use it for reads that must see
   * the last commit. It includes nested calls of `run` and `runWithoutTenant`.
   *
   * @returns what `fn` returns
   */
  readFromPrimary<T>(fn: () => T): T {
    return this.storage.run(new PrimaryScope(this.scope ?? new TenantScope()), fn);
  }

  /**
   * Runs `fn` with the rights of the owner of all schemas. Use it for work on schemas, and for writes of an
   * operator to a shared table in a tenant's transaction. Never expose it to requests.
   *
   * A nested `run` has the tenant's rights again. With `isolation: 'names'` this is `run`, or
   * `runWithoutTenant` if `tenant` is undefined.
   *
   * @param tenant whose schema the placeholder stands for, or undefined for shared tables
   * @returns what `fn` returns
   * @throws SchemaNameInvalidError when the tenant's schema name breaks a rule
   */
  runAsOwner<T>(tenant: Tenant | undefined, fn: () => T): T {
    return this.storage.run(new TenantScope(tenant, true, true), fn);
  }

  /** Returns the object that the application entered, or undefined if no tenant is current. */
  get current(): Tenant | undefined {
    return this.storage.getStore()?.tenant?.given;
  }

  /**
   * Returns the current tenant.
   *
   * @throws TenantContextMissingError when no tenant is current
   */
  require(): Tenant {
    const tenant = this.current;
    if (!tenant) throw new TenantContextMissingError();
    return tenant;
  }

  /** Returns the current scope, resolved or not. Internal: the package does not export it. */
  get scope(): TenantScope | undefined {
    return this.storage.getStore();
  }

  private get readsFromPrimary(): boolean {
    return this.scope?.readsFromPrimary ?? false;
  }

  /** Runs `fn` in an existing scope. Internal: the package does not export it. */
  runInScope<T>(scope: TenantScope | undefined, fn: () => T): T {
    return this.storage.run(scope, fn);
  }
}

/** Holds the tenant context of the process, for all DataSources. Nest injects it for `TenantContext`. */
export const tenantContext = new TenantContext(processStorage());
