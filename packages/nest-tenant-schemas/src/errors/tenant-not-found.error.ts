import { TenancyError } from './tenancy.error.js';

/** Thrown when the registry has no tenant of the id that was asked for; nothing else was read. */
export class TenantNotFoundError extends TenancyError {
  readonly code = 'TENANT_NOT_FOUND';

  constructor(message = 'There is no tenant of this UUID. Check it, or ask the operator.') {
    super(message);
  }
}
