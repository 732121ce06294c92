import { TenancyError } from './tenancy.error.js';

/** Thrown by operations that would reach other tenants or `public`, or could not be kept to their own. */
export class OperationRefusedError extends TenancyError {
  readonly code = 'OPERATION_REFUSED';

  constructor(
    readonly operation: string,
    instead: string,
    why = 'works on the whole database, not on one tenant',
  ) {
    super(`${operation} ${why}, and is refused. ${instead}`);
  }
}
