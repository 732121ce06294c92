import { LRUCache } from 'lru-cache';
import { PoolExhaustedError } from '../../errors/connection/pool-exhausted.error.js';
import type { PoolLimits } from './connection-limits.js';
import type { PooledConnections } from './pooled-connections.js';

/**
 * Limits how often checkouts of a schema wait before one more connection visits it. It counts waits instead
 * of time, because both a wait and a first visit take longer on a busy server. Measured in
 * docs/decisions/0014-affinity.md.
 */
const MAX_WAITS = 8;

/**
 * Limits the wait for a connection that knows the schema, in milliseconds. After that, any connection is
 * accepted.
 */
const MAX_AFFINITY_WAIT_MS = 50;

/** Limits the schemas for which waits are counted. */
const MAX_COUNTED_SCHEMAS = 10_000;

/** Receives an error if the checkout is rejected, and nothing if it may take a connection. */
type Decide = (error?: Error) => void;

interface Waiter {
  readonly decide: Decide;
  /** Whether the checkout accepts any connection. */
  takesAny: boolean;
  /** Ends the wait. */
  timeout?: NodeJS.Timeout;
  /** Starts when the checkout first declines a connection that has not visited its schema. */
  affinityTimer?: NodeJS.Timeout;
}

/** Counts the connections and the waiting checkouts of one tenant. Without a schema: of work on shared tables. */
interface Quota {
  readonly schema: string | undefined;
  readonly max: number;
  used: number;
  readonly waiters: Waiter[];
}

/**
 * Decides the order of checkouts and the connection of each. The order is first come, first served within a
 * tenant, and round robin among tenants. A checkout prefers a connection that has visited its schema, and
 * briefly waits for one. It does not hold a place in the pool during that wait, so other tenants can use the
 * declined connection. Decisions: docs/decisions/0011-limits.md, docs/decisions/0014-affinity.md.
 */
export class ConnectionScheduler {
  private readonly quotas = new Map<string | undefined, Quota>();
  /** Quotas with waiting checkouts, in the order of their turns. */
  private readonly roundRobin = new Set<Quota>();
  private readonly waits = new LRUCache<string, number>({ max: MAX_COUNTED_SCHEMAS });
  private free: number;
  private waiters = 0;

  constructor(
    private readonly poolSize: number,
    private readonly limits: PoolLimits,
    private readonly connections: PooledConnections,
  ) {
    this.free = poolSize;
  }

  /** Returns how many checkouts of all tenants wait. */
  get waiting(): number {
    return this.waiters;
  }

  /**
   * Calls `decide` at once, when a release frees a connection, or with a PoolExhaustedError after
   * `maxWaitMs`. If the checkout may take a connection, pg-pool hands out the best one next. Call {@link
   * release} afterwards.
   *
   * @param takesAny whether the checkout accepts any connection
   */
  acquire(schema: string | undefined, takesAny: boolean, decide: Decide): void {
    const quota = this.quotaOf(schema);
    const waiter: Waiter = { decide, takesAny };
    const { maxWaiting, maxWaitingPerTenant, maxWaitMs } = this.limits;
    const isFull = quota.waiters.length >= maxWaitingPerTenant || this.waiters >= maxWaiting;
    if (this.hasRoom(quota)) {
      // While a quota has room, its checkouts wait only for a connection that knows the schema.
      waiter.takesAny ||= isFull;
      if (this.isReady(quota, waiter)) return this.grant(quota, waiter);
    } else if (isFull) {
      return this.refuse(quota, waiter, 'full');
    }
    waiter.timeout = setTimeout(() => this.expire(quota, waiter), maxWaitMs);
    quota.waiters.push(waiter);
    this.waiters += 1;
    this.roundRobin.add(quota);
  }

  /** Frees the place of a connection that was returned to pg-pool or closed. */
  release(schema: string | undefined): void {
    const quota = this.quotaOf(schema);
    quota.used -= 1;
    this.free += 1;
    this.forgetIfIdle(quota);
    this.serve();
  }

  /** Rejects all waiting checkouts. */
  close(error: Error): void {
    for (const quota of this.roundRobin) {
      for (const waiter of quota.waiters.slice()) {
        this.remove(quota, waiter);
        waiter.decide(error);
      }
    }
  }

  /** Grants waiting checkouts while connections are free. */
  private serve(): void {
    while (this.free > 0 && this.serveNext());
  }

  private serveNext(): boolean {
    for (const quota of this.roundRobin) {
      const [first] = quota.waiters;
      if (!first || !this.hasRoom(quota) || !this.isReady(quota, first)) continue;
      this.remove(quota, first);
      // The other tenants are next before this tenant's next checkout.
      if (this.roundRobin.delete(quota)) this.roundRobin.add(quota);
      this.grant(quota, first);
      return true;
    }
    return false;
  }

  /**
   * Returns whether the checkout takes a connection now, and makes pg-pool hand it out next. That is one that
   * has visited the schema. It is any connection if none has, or if the schema has waited often enough.
   * Otherwise the affinity timer starts.
   */
  private isReady({ schema }: Quota, waiter: Waiter): boolean {
    if (schema === undefined || this.connections.moveBestToFront(schema)) return true;
    if (!waiter.takesAny && this.connections.haveVisited(schema)) {
      if (waiter.affinityTimer) return false;
      const waits = this.waits.get(schema) ?? 0;
      if (waits < MAX_WAITS) {
        this.waits.set(schema, waits + 1);
        waiter.affinityTimer = setTimeout(() => {
          waiter.takesAny = true;
          this.serve();
        }, MAX_AFFINITY_WAIT_MS);
        return false;
      }
    }
    // The next connection visits the schema for the first time.
    this.waits.delete(schema);
    return true;
  }

  private grant(quota: Quota, waiter: Waiter): void {
    quota.used += 1;
    this.free -= 1;
    waiter.decide();
  }

  private refuse(quota: Quota, { decide }: Waiter, reason: 'full' | 'late'): void {
    const share = quota.used < quota.max ? 'pool' : 'tenant';
    this.forgetIfIdle(quota);
    decide(new PoolExhaustedError(share, quota.schema, reason));
  }

  private expire(quota: Quota, waiter: Waiter): void {
    this.remove(quota, waiter);
    waiter.takesAny = true;
    if (this.hasRoom(quota) && this.isReady(quota, waiter)) this.grant(quota, waiter);
    else this.refuse(quota, waiter, 'late');
  }

  private remove(quota: Quota, waiter: Waiter): void {
    quota.waiters.splice(quota.waiters.indexOf(waiter), 1);
    this.waiters -= 1;
    if (quota.waiters.length === 0) this.roundRobin.delete(quota);
    clearTimeout(waiter.timeout);
    clearTimeout(waiter.affinityTimer);
  }

  private hasRoom({ used, max }: Quota): boolean {
    return this.free > 0 && used < max;
  }

  private quotaOf(schema: string | undefined): Quota {
    let quota = this.quotas.get(schema);
    if (!quota) {
      const max = schema === undefined ? this.poolSize : this.limits.maxConnectionsPerTenant;
      quota = { schema, max, used: 0, waiters: [] };
      this.quotas.set(schema, quota);
    }
    return quota;
  }

  /** Removes an unused quota, so that memory does not grow with the number of tenants. */
  private forgetIfIdle({ schema, used, waiters }: Quota): void {
    if (used === 0 && waiters.length === 0) this.quotas.delete(schema);
  }
}
