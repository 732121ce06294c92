// Work for a tenant
export { TENANT_SCHEMA } from './core/marker.js';
export { tenantContext, TenantContext } from './context/tenant-context.js';
export type { Tenant } from './interfaces/tenant.interface.js';

// The DataSource
export {
  createTenantDataSource,
  protectDataSource,
  tenantDataSourceOptions,
  type TenantDataSourceOptions,
} from './connection/tenant-data-source.js';
export { dataSourceFor } from './connection/bound-data-source.js';
export { tenantQueryCache, type TenantQueryCacheOptions } from './connection/tenant-query-cache.js';

// Names
export { assertSchemaName, MAX_SCHEMA_NAME_BYTES, schemaNameProblem } from './core/schema-name.js';
export { quoteIdentifier } from './core/quote-identifier.js';

// Errors
export { TenancyError, type TenancyErrorCode } from './errors/tenancy.error.js';
export { DirtyClientError } from './errors/dirty-client.error.js';
export { OperationRefusedError } from './errors/operation-refused.error.js';
export { SchemaNameInvalidError } from './errors/schema-name-invalid.error.js';
export { TenancyOptionsError } from './errors/tenancy-options.error.js';
export { TenantContextMissingError } from './errors/tenant-context-missing.error.js';
export { TenantMismatchError } from './errors/tenant-mismatch.error.js';
