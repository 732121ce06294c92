import { TenancyError } from './tenancy.error.js';

/** Thrown by operations on the whole DataSource, which would reach other tenants or `public`. */
export class OperationRefusedError extends TenancyError {
  readonly code = 'OPERATION_REFUSED';

  constructor(
    readonly operation: string,
    instead: string,
  ) {
    super(
      `${operation} was rejected: it works on the whole database, not on one tenant. ${instead}`,
    );
  }
}
