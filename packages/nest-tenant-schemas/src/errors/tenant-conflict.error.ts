import { TenancyError } from './tenancy.error.js';

/** Thrown when a tenant cannot be made because its name, id or schema is taken. Nothing was made. */
export class TenantConflictError extends TenancyError {
  readonly code = 'TENANT_CONFLICT';

  /** @param taken what is taken, e.g. `schema "acme"` */
  constructor(
    readonly taken: string,
    options?: ErrorOptions,
  ) {
    super(`The ${taken} is taken. Choose another one.`, options);
  }
}
