import { TenancyError } from '../tenancy.error.js';

/** Says which limit was reached: the tenant's quota or the pool's size. */
export type ExhaustedShare = 'tenant' | 'pool';

/**
 * Reports that no connection is free: too many requests wait already, or the wait took too long. Nothing was
 * sent. Options of `tenantDataSourceOptions`: `poolSize`, `maxConnectionsPerTenant`, `maxWaitingPerTenant`,
 * `maxWaiting`, `maxWaitMs`.
 */
export class PoolExhaustedError extends TenancyError {
  readonly code = 'POOL_EXHAUSTED';

  /**
   * @param share the limit that was reached
   * @param schema the tenant of the request; undefined for shared tables
   * @param reason `full`: the queue was full; `late`: the wait took too long
   */
  constructor(
    readonly share: ExhaustedShare,
    readonly schema: string | undefined,
    readonly reason: 'full' | 'late',
  ) {
    super(
      `${share === 'tenant' ? 'This tenant has' : 'The server has'} too many requests at the moment. ` +
        'Try again shortly, with fewer requests at once.',
    );
  }
}
