import { TenancyError } from '../tenancy.error.js';

/** Reports a request to a tenant whose row in `public.tenants` says that it is suspended. */
export class TenantSuspendedError extends TenancyError {
  readonly code = 'TENANT_SUSPENDED';

  constructor() {
    super('This tenant is suspended. Ask the operator.');
  }
}
