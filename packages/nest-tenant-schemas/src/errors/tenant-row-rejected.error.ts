import { TenancyError } from './tenancy.error.js';

/** Reports that the table of tenants does not take a row, for example for a column that it does not have. */
export class TenantRowRejectedError extends TenancyError {
  readonly code = 'TENANT_ROW_REJECTED';
}
