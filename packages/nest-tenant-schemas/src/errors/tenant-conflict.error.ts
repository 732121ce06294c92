import { TenancyError } from './tenancy.error.js';

/** Reports that a tenant was not created because its name, id or schema is taken. */
export class TenantConflictError extends TenancyError {
  readonly code = 'TENANT_CONFLICT';

  /** @param taken the taken name with its kind, e.g. `schema "acme"` */
  constructor(
    readonly taken: string,
    options?: ErrorOptions,
  ) {
    super(`The ${taken} is taken. Choose another one.`, options);
  }
}
