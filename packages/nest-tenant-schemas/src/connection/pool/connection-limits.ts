/** Limits how tenants share the connections of a pool. */
export interface ConnectionLimits {
  /**
   * Limits the connections that one tenant uses at a time, so that other tenants find free ones. Work on
   * shared tables has no such limit. Default: three quarters of the pool (8 of 10), or the whole pool if it
   * is smaller than 4.
   */
  readonly maxConnectionsPerTenant?: number | undefined;
  /** Limits the waiting checkouts of one tenant. The pool rejects further ones. Default 1 000. */
  readonly maxWaitingPerTenant?: number | undefined;
  /** Limits the waiting checkouts of all tenants together. The pool rejects further ones. Default 5 000. */
  readonly maxWaiting?: number | undefined;
  /** Limits how long a checkout waits, in milliseconds. The pool then rejects it. Default 10 000. */
  readonly maxWaitMs?: number | undefined;
}

/** Holds the limits of a pool, complete with defaults. */
export type PoolLimits = { readonly [Name in keyof ConnectionLimits]-?: number };

/**
 * Completes the limits of a pool with defaults.
 *
 * @param poolSize most connections of the pool
 */
export function connectionLimits(poolSize: number, limits: ConnectionLimits = {}): PoolLimits {
  const share = limits.maxConnectionsPerTenant ?? poolSize - Math.floor(poolSize / 4);
  return {
    maxConnectionsPerTenant: Math.min(poolSize, share),
    maxWaitingPerTenant: limits.maxWaitingPerTenant ?? 1000,
    maxWaiting: limits.maxWaiting ?? 5000,
    maxWaitMs: limits.maxWaitMs ?? 10_000,
  };
}
