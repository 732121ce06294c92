import type { Tenant } from '../interfaces/tenant.interface.js';

const TENANT = Symbol('tenant');

/**
 * The tenant that an HTTP request was resolved to, or undefined: before TenantModule's guard, and for public
 * routes. For hooks and filters, which may run outside the request's async context.
 */
export function tenantOf(request: object): Tenant | undefined {
  return (request as { [TENANT]?: Tenant })[TENANT];
}

/** Called by the guard. */
export function rememberTenant(request: object, tenant: Tenant): void {
  (request as { [TENANT]?: Tenant })[TENANT] = tenant;
}
