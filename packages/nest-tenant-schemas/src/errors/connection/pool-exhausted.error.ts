import { TenancyError } from '../tenancy.error.js';

/** Whose connections were all in use. */
export type ExhaustedShare = 'tenant' | 'pool';

/**
 * Thrown instead of a connection: too many wait for one already, or the wait took too long. Nothing was
 * sent. Knobs of `tenantDataSourceOptions`: `poolSize`, `maxConnectionsPerTenant`, `maxWaitingPerTenant`,
 * `maxWaiting`, `maxWaitMs`.
 */
export class PoolExhaustedError extends TenancyError {
  readonly code = 'POOL_EXHAUSTED';

  /**
   * @param share whether the tenant's share or the whole pool was in use
   * @param schema the tenant that wanted a connection; undefined for shared tables
   * @param reason `full`: it did not begin to wait; `late`: it waited in vain
   */
  constructor(
    readonly share: ExhaustedShare,
    readonly schema: string | undefined,
    readonly reason: 'full' | 'late',
  ) {
    super(
      `${share === 'tenant' ? 'This tenant has' : 'The server has'} too much to do at the moment. ` +
        'Try again shortly, with fewer requests at once.',
    );
  }
}
