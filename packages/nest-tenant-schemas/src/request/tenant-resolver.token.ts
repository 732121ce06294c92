/** Token of the resolver that the guard asks. Internal: applications give it to `TenantModule`. */
export const TENANT_RESOLVER = Symbol('TENANT_RESOLVER');

/** Token of what refuses tenants that may not be served. Internal, too. */
export const ASSERT_SERVABLE = Symbol('ASSERT_SERVABLE');
