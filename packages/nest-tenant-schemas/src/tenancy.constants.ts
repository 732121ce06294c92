/** Names the provider of the DataSource that is bound to the current request: see `@InjectTenantDataSource()`. */
export const TENANT_DATA_SOURCE = Symbol('TENANT_DATA_SOURCE');

/** Names the provider of the application's `TenantRegistry`, as given to `TenantModule`. */
export const TENANT_REGISTRY = Symbol('TENANT_REGISTRY');

/**
 * Names the provider of the `TenantAnnouncer`, which announces changes of cached data and notifies
 * subscribers.
 */
export const TENANT_ANNOUNCER = Symbol('TENANT_ANNOUNCER');
