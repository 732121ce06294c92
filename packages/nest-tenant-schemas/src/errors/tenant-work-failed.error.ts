import { TenancyError } from './tenancy.error.js';

/** Names a tenant in which work failed, and the error. */
export interface TenantFailure {
  readonly schema: string;
  readonly error: unknown;
}

/** Limits how many failures the message contains. */
const MAX_LISTED = 5;

/** Reports work over tenants that failed in some of them. The work in the other tenants is done. */
export class TenantWorkFailedError extends TenancyError {
  readonly code = 'TENANT_WORK_FAILED';

  /**
   * @param failures the failed tenants with their errors, in the order in which they failed
   * @param total how many tenants the work began in
   */
  constructor(
    readonly failures: readonly TenantFailure[],
    total: number,
  ) {
    const more = failures.length - MAX_LISTED;
    const listed = failures.slice(0, MAX_LISTED).map(({ schema, error }) => {
      return `${schema}: ${error instanceof Error ? error.message : String(error)}`;
    });
    const tenants = total === 1 ? '1 tenant' : `${total} tenants`;
    super(
      `The work failed in ${failures.length} of ${tenants}. ` +
        [...listed, ...(more > 0 ? [`and ${more} more`] : [])].join('; '),
    );
  }
}
