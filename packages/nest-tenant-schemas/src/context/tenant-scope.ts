import { assertSchemaName } from '../core/names/schema-name.js';
import { TenantMismatchError } from '../errors/tenant-mismatch.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';

/**
 * What the async context holds: for which tenant the current work is done. A request's scope is
 * entered before its tenant is known and filled once, by the guard.
 */
export class TenantScope {
  private resolved: Tenant | undefined;

  /**
   * @param actsAsOwner whether what is checked out here acts for the owner of all schemas, and not for the
   *   tenant alone, where `isolation` is 'role'
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

  /** Whether what is checked out here keeps its tenant inside other tenants' scopes. */
  get isBound(): boolean {
    return false;
  }

  /**
   * @throws TenantMismatchError when it was filled with another tenant before
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
 * The scope of a bound handle: the tenant of another scope, known now or later, for whatever is
 * done through the handle, also inside `run(another tenant)`.
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
