import { TenantMismatchError } from '../errors/tenant-mismatch.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import { EnteredTenant } from './entered-tenant.js';

/**
 * Holds the tenant of the current work in the async context. A request enters its scope before the tenant is
 * known. The guard resolves the scope once.
 */
export class TenantScope {
  private resolved: EnteredTenant | undefined;
  private isOnPrimary: boolean;

  /**
   * @param actsAsOwner whether statements run with the rights of the owner of all schemas. Only for
   *   `isolation: 'role'`
   * @param readsFromPrimary whether reads must not use a replica. Default false
   * @throws SchemaNameInvalidError when the tenant's schema name breaks a rule
   */
  constructor(
    tenant?: Tenant,
    readonly actsAsOwner = false,
    readsFromPrimary = false,
  ) {
    this.isOnPrimary = readsFromPrimary;
    this.resolved = tenant && EnteredTenant.of(tenant);
  }

  /** Returns the tenant as it was when the scope got it. */
  get tenant(): EnteredTenant | undefined {
    return this.resolved;
  }

  /** Returns whether reads of this scope use the primary, for example because it has written. */
  get readsFromPrimary(): boolean {
    return this.isOnPrimary;
  }

  set readsFromPrimary(value: boolean) {
    this.isOnPrimary = value;
  }

  /** Returns whether a connection of this scope keeps its tenant inside other tenants' scopes. */
  get isBound(): boolean {
    return false;
  }

  /** Returns the HTTP request whose tenant is not yet known, or undefined. */
  get request(): object | undefined {
    return undefined;
  }

  /**
   * Sets the tenant of the scope.
   *
   * @throws TenantMismatchError when the scope already has another tenant
   * @throws SchemaNameInvalidError when the tenant's schema name breaks a rule
   */
  resolve(tenant: Tenant): void {
    const entered = EnteredTenant.of(tenant);
    if (this.resolved && this.resolved.schema !== entered.schema) {
      throw new TenantMismatchError('This request', this.resolved.schema, entered.schema);
    }
    this.resolved = entered;
  }
}

/**
 * Follows the tenant of another scope, also if that scope is resolved later. Work through a bound handle
 * keeps this tenant, even inside `run(another tenant)`.
 */
export class BoundTenantScope extends TenantScope {
  constructor(private readonly origin: TenantScope) {
    super(undefined, origin.actsAsOwner);
  }

  override get tenant(): EnteredTenant | undefined {
    return this.origin.tenant;
  }

  override get isBound(): boolean {
    return true;
  }

  override get readsFromPrimary(): boolean {
    return this.origin.readsFromPrimary;
  }

  override set readsFromPrimary(value: boolean) {
    this.origin.readsFromPrimary = value;
  }
}

/** Follows another scope, except that its reads use the primary. A write in it counts for the other scope too. */
export class PrimaryScope extends TenantScope {
  constructor(private readonly origin: TenantScope) {
    super(undefined, origin.actsAsOwner);
  }

  override get tenant(): EnteredTenant | undefined {
    return this.origin.tenant;
  }

  override get isBound(): boolean {
    return this.origin.isBound;
  }

  override get request(): object | undefined {
    return this.origin.request;
  }

  override get readsFromPrimary(): boolean {
    return true;
  }

  override set readsFromPrimary(value: boolean) {
    this.origin.readsFromPrimary = value;
  }

  override resolve(tenant: Tenant): void {
    this.origin.resolve(tenant);
  }
}
