import { TenancyError } from './tenancy.error.js';

/** Thrown before a byte is sent when a statement carries the marker and no tenant is current. */
export class TenantContextMissingError extends TenancyError {
  readonly code = 'TENANT_CONTEXT_MISSING';

  constructor(message = 'No tenant is current.') {
    super(
      `${message} Run the work inside tenantContext.run(tenant, fn), or, in a request, behind the tenant guard; ` +
        'outside both, use dataSourceFor(dataSource, tenant).',
    );
  }
}
