import { LRUCache } from 'lru-cache';
import { PoolExhaustedError } from '../../errors/connection/pool-exhausted.error.js';
import type { PoolLimits } from './connection-limits.js';
import type { PooledConnections } from './pooled-connections.js';

/**
 * How often checkouts of a schema wait before one more connection visits it. A number of waits, because they and a first visit
 * both take longer on a busy server. It was measured: docs/decisions/0014-affinity.md.
 */
const MAX_WAITS = 8;

/** Milliseconds after which any connection will do, because the right ones are held for longer work. */
const MAX_AFFINITY_WAIT_MS = 50;

/** Schemas whose waits are remembered. */
const MAX_COUNTED_SCHEMAS = 10_000;

/** Receives nothing if a connection may be taken, or the reason why not. */
type Decide = (error?: Error) => void;

interface Waiter {
  readonly decide: Decide;
  /** Whether any connection will do. */
  takesAny: boolean;
  /** Ends the wait. */
  timeout?: NodeJS.Timeout;
  /** Runs from the moment when it passed over a connection that has not visited its schema. */
  affinityTimer?: NodeJS.Timeout;
}

/** What one tenant has of the pool, and its checkouts that wait; schema undefined: work for no tenant. */
interface Quota {
  readonly schema: string | undefined;
  readonly max: number;
  used: number;
  readonly waiters: Waiter[];
}

/**
 * Decides which checkout is next, and which connection it gets: in order within a tenant, by turns among tenants, and a
 * connection that has visited the tenant's schema. A checkout waits a little for such a connection. It holds no place in the
 * pool meanwhile, so that the connection which it passes over serves others.
 * Decisions: docs/decisions/0011-limits.md, docs/decisions/0014-affinity.md.
 */
export class ConnectionScheduler {
  private readonly quotas = new Map<string | undefined, Quota>();
  /** Quotas with waiters, in the order of their turns. */
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

  /** How many checkouts wait, of all tenants together. */
  get waiting(): number {
    return this.waiters;
  }

  /**
   * Decides at once if it can, else when a connection is released, or with a PoolExhaustedError after `maxWaitMs`. When a
   * connection may be taken, pg-pool is about to hand out the best one. Call {@link release} after it.
   *
   * @param takesAny whether it waits for no particular connection
   */
  acquire(schema: string | undefined, takesAny: boolean, decide: Decide): void {
    const quota = this.quotaOf(schema);
    const waiter: Waiter = { decide, takesAny };
    const { maxWaiting, maxWaitingPerTenant, maxWaitMs } = this.limits;
    const isFull = quota.waiters.length >= maxWaitingPerTenant || this.waiters >= maxWaiting;
    if (this.hasRoom(quota)) {
      // As long as a quota has room, its waiters are patient ones.
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

  /** Called when a connection is back in pg-pool, or closed. */
  release(schema: string | undefined): void {
    const quota = this.quotaOf(schema);
    quota.used -= 1;
    this.free += 1;
    this.forgetIfIdle(quota);
    this.serve();
  }

  /** Refuses every checkout that waits. */
  close(error: Error): void {
    for (const quota of this.roundRobin) {
      for (const waiter of quota.waiters.slice()) {
        this.remove(quota, waiter);
        waiter.decide(error);
      }
    }
  }

  /** Serves waiters as long as one may take a connection. */
  private serve(): void {
    while (this.free > 0 && this.serveNext());
  }

  private serveNext(): boolean {
    for (const quota of this.roundRobin) {
      const [first] = quota.waiters;
      if (!first || !this.hasRoom(quota) || !this.isReady(quota, first)) continue;
      this.remove(quota, first);
      // The turn of its next waiter comes after those of all others.
      if (this.roundRobin.delete(quota)) this.roundRobin.add(quota);
      this.grant(quota, first);
      return true;
    }
    return false;
  }

  /**
   * Returns whether the waiter takes a connection now: one that has visited the schema, or any if there is none, or the schema has
   * waited often enough. pg-pool then hands out that one. Else the patience of the waiter begins.
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
    // One more connection visits the schema.
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

  /** Memory is held for tenants that have something, not for all there ever were. */
  private forgetIfIdle({ schema, used, waiters }: Quota): void {
    if (used === 0 && waiters.length === 0) this.quotas.delete(schema);
  }
}
