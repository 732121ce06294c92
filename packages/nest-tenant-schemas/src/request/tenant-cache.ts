import { performance } from 'node:perf_hooks';
import { LRUCache } from 'lru-cache';
import { tenantContext } from '../context/tenant-context.js';
import { assertSchemaName } from '../core/names/schema-name.js';
import { UNTRACKED_LIFETIME_MS } from '../core/untracked-lifetime.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { TenantAnnouncer, TenantReader } from '../interfaces/tenant-registry.interface.js';

/** How much the cache remembers, and for how long. */
export interface TenantCacheOptions {
  /** Most tenants remembered; the least recently used go first. Default 10 000. */
  readonly maxTenants?: number;
  /** Most unknown ids remembered, apart from the tenants, so that guesses evict nobody. Default 10 000. */
  readonly maxUnknownIds?: number;
  /**
   * How long a tenant is trusted after it was read, or after the change listener confirmed that it delivers every change.
   * Default 60 000 ms, or 5 000 ms if no changes are announced; 0 is for ever.
   */
  readonly tenantLifetimeMs?: number;
  /** How long an id is believed to be unknown. Default 5 000 ms. */
  readonly unknownLifetimeMs?: number;
}

/** How finely the lifetime of an unknown id is told. */
const CLOCK_RESOLUTION_MS = 100;

interface Remembered<T> {
  readonly tenant: T;
  /** By the process's clock. */
  readonly readAt: number;
}

/**
 * The registry with a memory: a bounded cache with a lifetime, one look-up at a time for an id, and
 * entries dropped when a change of their tenant is announced. Decision: docs/decisions/0006-tenant-cache.md.
 */
export class TenantCache<T extends Tenant = Tenant> {
  private readonly tenants: LRUCache<string, Remembered<T>>;
  private readonly unknown: LRUCache<string, true>;
  private readonly lookUps = new Map<string, Promise<T | undefined>>();
  private readonly unsubscribe: (() => void) | undefined;
  private readonly ownLifetimeMs: number;
  private currentLifetimeMs: number;
  private confirmedAt = -Infinity;

  constructor(
    private readonly registry: TenantReader<T>,
    announcer?: Pick<TenantAnnouncer, 'onChange'>,
    {
      maxTenants = 10_000,
      maxUnknownIds = 10_000,
      tenantLifetimeMs = announcer ? 60_000 : UNTRACKED_LIFETIME_MS,
      unknownLifetimeMs = 5_000,
    }: TenantCacheOptions = {},
  ) {
    this.ownLifetimeMs = tenantLifetimeMs || Infinity;
    this.currentLifetimeMs = this.ownLifetimeMs;
    this.tenants = new LRUCache({ max: maxTenants });
    this.unknown = new LRUCache({
      max: maxUnknownIds,
      ttl: unknownLifetimeMs,
      // The clock is read anew by a timer: with the cache's own, a millisecond, by one for nearly every request.
      ttlResolution: CLOCK_RESOLUTION_MS,
    });
    this.unsubscribe = announcer?.onChange((id) => this.forget(id));
  }

  /** The tenant of an id, if it is remembered: at once, as for nearly every request. */
  peek(id: string): T | undefined {
    const remembered = this.tenants.get(id);
    if (!remembered) return undefined;
    const trustedFrom = Math.max(remembered.readAt, this.confirmedAt);
    const isTrusted = performance.now() - trustedFrom < this.currentLifetimeMs;
    return isTrusted ? remembered.tenant : undefined;
  }

  /** The tenant of an id, or undefined. Asks the registry at most once at a time for each id. */
  async find(id: string): Promise<T | undefined> {
    const known = this.peek(id);
    if (known || this.unknown.has(id)) return known;
    const underWay = this.lookUps.get(id);
    if (underWay) return underWay;
    const lookUp = this.lookUp(id);
    this.lookUps.set(id, lookUp);
    try {
      const tenant = await lookUp;
      // What changed while it was read is not remembered: forget() has taken the look-up away.
      if (this.lookUps.get(id) === lookUp) this.remember(id, tenant);
      return tenant;
    } finally {
      if (this.lookUps.get(id) === lookUp) this.lookUps.delete(id);
    }
  }

  /** Drops what is remembered of one tenant, or of all. */
  forget(id?: string): void {
    if (id === undefined) {
      this.tenants.clear();
      this.unknown.clear();
      this.lookUps.clear();
      return;
    }
    this.tenants.delete(id);
    this.unknown.delete(id);
    this.lookUps.delete(id);
  }

  /** How long a tenant is trusted at present, in milliseconds. */
  get lifetimeMs(): number {
    return this.currentLifetimeMs;
  }

  /**
   * Trusts tenants from now on for this long at most, in milliseconds: for the time in which changes may go unnoticed.
   * Infinity removes the limit. Drops all that is remembered.
   */
  setMaxAge(lifetimeMs: number): void {
    this.currentLifetimeMs = Math.min(this.ownLifetimeMs, lifetimeMs);
    this.forget();
  }

  /** Trusts all that is remembered as if it had just been read: every change until now was announced. */
  confirm(): void {
    this.confirmedAt = performance.now();
  }

  /** Ends the subscription to changes. */
  close(): void {
    this.unsubscribe?.();
  }

  private async lookUp(id: string): Promise<T | undefined> {
    const tenant = await tenantContext.runWithoutTenant(() => this.registry.find(id));
    if (tenant) assertSchemaName(tenant.schema);
    return tenant;
  }

  private remember(id: string, tenant: T | undefined): void {
    if (tenant) this.tenants.set(id, { tenant, readAt: performance.now() });
    else this.unknown.set(id, true);
  }
}
