/** Token of the schema-bound DataSource of the current request: see `@InjectTenantDataSource()`. */
export const TENANT_DATA_SOURCE = Symbol('TENANT_DATA_SOURCE');

/** Token of the application's `TenantRegistry`, as given to `TenantModule`. */
export const TENANT_REGISTRY = Symbol('TENANT_REGISTRY');

/** Token of the `TenantAnnouncer`: announces changes of cached data, and calls back when one was announced. */
export const TENANT_ANNOUNCER = Symbol('TENANT_ANNOUNCER');
