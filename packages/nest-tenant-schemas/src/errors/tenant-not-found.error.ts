import { TenancyError } from './tenancy.error.js';

/** Reports an id for which the registry has no tenant. */
export class TenantNotFoundError extends TenancyError {
  readonly code = 'TENANT_NOT_FOUND';

  constructor(message = 'There is no tenant with this UUID. Check it, or ask the operator.') {
    super(message);
  }
}
