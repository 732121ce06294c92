import type { Environment } from './config/environment.interface.js';

/** Smallest pool in which the engine limits one tenant, so that other tenants get connections (`connectionLimits`). */
const SHARED_POOL_SIZE = 4;

/** Settings whose values are totals of all workers. */
type Totals = Pick<
  Environment,
  | 'workers'
  | 'databasePoolSize'
  | 'databaseMaxWaiting'
  | 'tenantMaxConnections'
  | 'tenantMaxWaiting'
>;

/**
 * Returns one worker's share of `total`. Each share is at least 1, unless `total` is 0.
 *
 * @param place index of the worker, from 0
 */
export function poolShare(total: number, workers: number, place: number): number {
  const rest = total % workers;
  return Math.max(Math.min(1, total), Math.floor(total / workers) + (place < rest ? 1 : 0));
}

/** Returns the environment variables with one worker's shares of the pool and of its limits. */
export function workerVariables(totals: Totals, place: number): Record<string, string> {
  const share = (total: number): string => String(poolShare(total, totals.workers, place));
  const { tenantMaxConnections } = totals;
  return {
    DATABASE_POOL_SIZE: share(totals.databasePoolSize),
    DATABASE_MAX_WAITING: share(totals.databaseMaxWaiting),
    TENANT_MAX_WAITING: share(totals.tenantMaxWaiting),
    ...(tenantMaxConnections !== undefined && {
      TENANT_MAX_CONNECTIONS: share(tenantMaxConnections),
    }),
  };
}

/** Returns a warning if one tenant could use all connections of a worker, otherwise undefined. */
export function smallShareWarning(totals: Totals): string | undefined {
  const { databasePoolSize, tenantMaxConnections, workers } = totals;
  const needed = SHARED_POOL_SIZE * workers;
  if (tenantMaxConnections !== undefined || databasePoolSize >= needed) return undefined;
  return (
    `With ${databasePoolSize} connections for ${workers} workers, some workers have fewer than ${SHARED_POOL_SIZE}. One tenant ` +
    `can use all connections of such a worker. Set DATABASE_POOL_SIZE=${needed} or more to reserve some for other tenants.`
  );
}
