import type { TenancyErrorCode } from './tenancy.error.js';

/**
 * The HTTP status of each error that a request can cause, for an application's exception filter.
 * What is not here is the server's own fault: 500.
 */
export const HTTP_STATUS_OF_TENANCY_ERROR: Partial<Record<TenancyErrorCode, number>> = {
  TENANT_HEADER_MISSING: 400,
  TENANT_HEADER_INVALID: 400,
  SCHEMA_NAME_INVALID: 400,
  TENANT_NOT_FOUND: 404,
  TENANT_CONFLICT: 409,
  DROP_BLOCKED: 409,
  POOL_EXHAUSTED: 503,
  STATEMENT_OUTDATED: 503,
};
