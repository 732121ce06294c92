/** How the connections of a pool are shared among tenants. */
export interface ConnectionLimits {
  /**
   * Most connections that one tenant has at a time; the rest stays free for its neighbours. Work on shared
   * tables has no such limit. Default: the pool but a quarter of it (8 of 10); the whole pool below 4.
   */
  readonly maxConnectionsPerTenant?: number | undefined;
  /** Most checkouts of one tenant that wait; further ones are refused. Default 1 000. */
  readonly maxWaitingPerTenant?: number | undefined;
  /** Most checkouts of all tenants together that wait; further ones are refused. Default 5 000. */
  readonly maxWaiting?: number | undefined;
  /** How long a checkout waits before it is refused, in milliseconds. Default 10 000. */
  readonly maxWaitMs?: number | undefined;
}

/** The limits of a pool, every one set. */
export type PoolLimits = { readonly [Name in keyof ConnectionLimits]-?: number };

/** @param poolSize most connections of the pool */
export function connectionLimits(poolSize: number, limits: ConnectionLimits = {}): PoolLimits {
  const share = limits.maxConnectionsPerTenant ?? poolSize - Math.floor(poolSize / 4);
  return {
    maxConnectionsPerTenant: Math.min(poolSize, share),
    maxWaitingPerTenant: limits.maxWaitingPerTenant ?? 1000,
    maxWaiting: limits.maxWaiting ?? 5000,
    maxWaitMs: limits.maxWaitMs ?? 10_000,
  };
}
