import { assertSchemaName } from '../core/names/schema-name.js';
import { TenantMismatchError } from '../errors/tenant-mismatch.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';

/**
 * Holds the tenant of the current work in the async context. A request enters its scope before the tenant is
 * known. The guard resolves the scope once.
 */
export class TenantScope {
  private resolved: Tenant | undefined;

  /**
   * @param actsAsOwner whether statements run with the rights of the owner of all schemas. Only for
   *   `isolation: 'role'`
   * @throws SchemaNameInvalidError when the tenant's schema name breaks a rule
   */
  constructor(
    tenant?: Tenant,
    readonly actsAsOwner = false,
  ) {
    if (tenant) assertSchemaName(tenant.schema);
    this.resolved = tenant;
  }

  get tenant(): Tenant | undefined {
    return this.resolved;
  }

  /** Returns whether a connection of this scope keeps its tenant inside other tenants' scopes. */
  get isBound(): boolean {
    return false;
  }

  /**
   * Sets the tenant of the scope.
   *
   * @throws TenantMismatchError when the scope already has another tenant
   * @throws SchemaNameInvalidError when the tenant's schema name breaks a rule
   */
  resolve(tenant: Tenant): void {
    assertSchemaName(tenant.schema);
    if (this.resolved && this.resolved.schema !== tenant.schema) {
      throw new TenantMismatchError('This request', this.resolved.schema, tenant.schema);
    }
    this.resolved = tenant;
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

  override get tenant(): Tenant | undefined {
    return this.origin.tenant;
  }

  override get isBound(): boolean {
    return true;
  }
}
