/** Token of the `TenantResolver` that finds out which tenant a request is for. */
export const TENANT_RESOLVER = Symbol('TENANT_RESOLVER');

/** Token of the function that rejects tenants that may not be served. Internal: applications give it to `TenantModule`. */
export const ASSERT_SERVABLE = Symbol('ASSERT_SERVABLE');
