import type { Environment } from './config/environment.interface.js';

/** Connections from which on the engine keeps some for the neighbours of a tenant: a quarter, in whole ones (`connectionLimits`). */
const SHARED_POOL_SIZE = 4;

/** What is told of all workers together. */
type Totals = Pick<
  Environment,
  | 'workers'
  | 'databasePoolSize'
  | 'databaseMaxWaiting'
  | 'tenantMaxConnections'
  | 'tenantMaxWaiting'
>;

/**
 * One worker's part of `total`, which is that of all workers together, but at least 1 unless that is 0.
 *
 * @param place of the worker, from 0
 */
export function poolShare(total: number, workers: number, place: number): number {
  const rest = total % workers;
  return Math.max(Math.min(1, total), Math.floor(total / workers) + (place < rest ? 1 : 0));
}

/** The variables of the environment by which one worker has its part of the pool, and of the limits that go with it. */
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

/** What a person should know of the workers' parts of the pool, if anything. */
export function smallShareWarning(totals: Totals): string | undefined {
  const { databasePoolSize, tenantMaxConnections, workers } = totals;
  const needed = SHARED_POOL_SIZE * workers;
  if (tenantMaxConnections !== undefined || databasePoolSize >= needed) return undefined;
  return (
    `${databasePoolSize} connections for ${workers} workers leave some of them fewer than ${SHARED_POOL_SIZE}, all of which one ` +
    `tenant may take. Set DATABASE_POOL_SIZE=${needed} or more to keep a part for its neighbours.`
  );
}
