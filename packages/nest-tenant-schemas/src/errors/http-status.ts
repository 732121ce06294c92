import type { TenancyErrorCode } from './tenancy.error.js';

/**
 * Maps each error that a request can cause to its HTTP status, for an application's exception filter.
 * Codes that are missing here are faults of the server: 500.
 */
export const HTTP_STATUS_OF_TENANCY_ERROR: Partial<Record<TenancyErrorCode, number>> = {
  TENANT_HEADER_MISSING: 400,
  TENANT_HEADER_INVALID: 400,
  SCHEMA_NAME_INVALID: 400,
  TENANT_ROW_REJECTED: 400,
  TENANT_SUSPENDED: 403,
  TENANT_NOT_FOUND: 404,
  TENANT_CONFLICT: 409,
  DROP_BLOCKED: 409,
  POOL_EXHAUSTED: 503,
  STATEMENT_OUTDATED: 503,
};
