/** Token of the resolver that the guard asks. Internal: applications give it to `TenantModule`. */
export const TENANT_RESOLVER = Symbol('TENANT_RESOLVER');
