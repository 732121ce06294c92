import { TenancyError } from '../tenancy.error.js';

/** Reports a request to a tenant route without the tenant header. */
export class TenantHeaderMissingError extends TenancyError {
  readonly code = 'TENANT_HEADER_MISSING';

  constructor(readonly header: string) {
    super(`Send the tenant's UUID in the ${header} header.`);
  }
}

/** Reports a request that names no tenant, by a resolver of the application. */
export class TenantIdMissingError extends TenancyError {
  readonly code = 'TENANT_HEADER_MISSING';

  constructor() {
    super('The request names no tenant.');
  }
}

/** Reports a tenant header that is not one UUID. The message does not repeat its value. */
export class TenantHeaderInvalidError extends TenancyError {
  readonly code = 'TENANT_HEADER_INVALID';

  constructor(readonly header: string) {
    super(
      `The ${header} header must be the UUID of your tenant, for example ` +
        '123e4567-e89b-42d3-a456-426614174000.',
    );
  }
}
