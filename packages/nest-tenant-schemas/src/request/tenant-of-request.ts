import type { Tenant } from '../interfaces/tenant.interface.js';

const TENANT = Symbol('tenant');

/**
 * Returns the tenant of an HTTP request. Undefined on public routes, and before the guard of TenantModule has
 * run. Hooks and filters use it, because they may run outside the request's async context.
 */
export function tenantOf(request: object): Tenant | undefined {
  return (request as { [TENANT]?: Tenant })[TENANT];
}

/** Stores the tenant of a request. The guard calls it. */
export function rememberTenant(request: object, tenant: Tenant): void {
  (request as { [TENANT]?: Tenant })[TENANT] = tenant;
}
