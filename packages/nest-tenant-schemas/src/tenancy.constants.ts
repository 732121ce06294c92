/** Token of the schema-bound DataSource of the current request: see `@InjectTenantDataSource()`. */
export const TENANT_DATA_SOURCE = Symbol('TENANT_DATA_SOURCE');

/** Token of the application's `TenantRegistry`, as given to `TenantModule`. */
export const TENANT_REGISTRY = Symbol('TENANT_REGISTRY');
