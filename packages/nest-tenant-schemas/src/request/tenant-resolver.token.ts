/** Names the provider of the resolver. Internal: applications pass a resolver to `TenantModule`. */
export const TENANT_RESOLVER = Symbol('TENANT_RESOLVER');

/** Names the provider of the check that rejects suspended tenants. Internal. */
export const ASSERT_SERVABLE = Symbol('ASSERT_SERVABLE');
