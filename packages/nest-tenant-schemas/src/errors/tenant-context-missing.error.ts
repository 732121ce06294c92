import { TenancyError } from './tenancy.error.js';

/** Reports a statement for a tenant's schema while no tenant is current. The engine did not send it. */
export class TenantContextMissingError extends TenancyError {
  readonly code = 'TENANT_CONTEXT_MISSING';

  constructor(message = 'No tenant is current.') {
    super(
      `${message} Run the work inside tenantContext.run(tenant, fn), or, in a request, behind the tenant guard; ` +
        'outside both, use dataSourceFor(dataSource, tenant).',
    );
  }
}
