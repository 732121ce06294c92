import { TenancyError } from './tenancy.error.js';

/** Reports a statement for a tenant's schema while no tenant is current. The engine did not send it. */
export class TenantContextMissingError extends TenancyError {
  readonly code = 'TENANT_CONTEXT_MISSING';

  constructor(message = 'No tenant is current.') {
    super(
      `${message} In a script or a job, run the work with TenantRunner: runner.run(schema, fn) for one tenant, ` +
        'runner.forEach(fn) for all. If you have the tenant, use tenantContext.run(tenant, fn). ' +
        'A request gets its tenant from the tenant guard, unless the route has @PublicRoute().',
    );
  }
}
