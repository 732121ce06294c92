import { TenancyError } from './tenancy.error.js';

/** Reports a connection, an entity or a handle of one tenant that is used in another tenant. */
export class TenantMismatchError extends TenancyError {
  readonly code = 'TENANT_MISMATCH';

  /**
   * @param what the subject of the sentence, e.g. `This connection`
   * @param ownerSchema schema of the tenant it belongs to
   * @param currentSchema schema of the tenant that is current
   */
  constructor(
    what: string,
    readonly ownerSchema: string,
    readonly currentSchema: string,
  ) {
    super(
      `${what} belongs to tenant schema "${ownerSchema}", but "${currentSchema}" is current. ` +
        'Use it inside its own tenant, or load the data again in the current one.',
    );
  }
}
