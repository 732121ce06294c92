import { performance } from 'node:perf_hooks';
import { LRUCache } from 'lru-cache';
import { findTenantById } from '../context/find-tenant.js';
import { assertSchemaName } from '../core/names/schema-name.js';
import { UNTRACKED_LIFETIME_MS } from '../core/untracked-lifetime.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { TenantAnnouncer, TenantReader } from '../interfaces/tenant-registry.interface.js';

/** Limits the size of the tenant cache, and the age of its entries. */
export interface TenantCacheOptions {
  /** Limits the cached tenants. The cache evicts the least recently used ones. Default 10 000. */
  readonly maxTenants?: number;
  /**
   * Limits the cached unknown ids. They are stored separately, so guessed ids evict no tenant. Default 10
   * 000.
   */
  readonly maxUnknownIds?: number;
  /**
   * Limits the age of a cached tenant, in milliseconds. The age restarts when the change listener confirms
   * that it delivers every change. Default 60 000, or 5 000 if no changes are announced; 0 for no limit.
   */
  readonly tenantLifetimeMs?: number;
  /** Limits how long an id counts as unknown, in milliseconds. Default 5 000. */
  readonly unknownLifetimeMs?: number;
}

/** Sets the precision of the lifetime of unknown ids. */
const CLOCK_RESOLUTION_MS = 100;

interface Remembered<T> {
  readonly tenant: T;
  /** The time of the read, by the process's monotonic clock. */
  readonly readAt: number;
}

/**
 * Caches tenants of the registry, with a limited size and age. It runs at most one look-up at a time for an
 * id. It evicts a tenant when a change of it is announced.
 * Decision: docs/decisions/0006-tenant-cache.md.
 */
export class TenantCache<T extends Tenant = Tenant> {
  private readonly tenants: LRUCache<string, Remembered<T>>;
  private readonly unknown: LRUCache<string, true>;
  private readonly lookUps = new Map<string, Promise<T | undefined>>();
  private readonly unsubscribe: (() => void) | undefined;
  private readonly ownLifetimeMs: number;
  private currentLifetimeMs: number;
  private confirmedAt = -Infinity;

  /** @param announcer announces changed tenants. Default: none, so that cached tenants expire early */
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
      // The cache reads the clock again after this time. Its own default of 1 ms would set a timer for nearly
      // every request.
      ttlResolution: CLOCK_RESOLUTION_MS,
    });
    this.unsubscribe = announcer?.onChange((id) => this.forget(id));
  }

  /** Returns a cached tenant without waiting, or undefined if the cache does not have it. */
  peek(id: string): T | undefined {
    const remembered = this.tenants.get(id);
    if (!remembered) return undefined;
    const trustedFrom = Math.max(remembered.readAt, this.confirmedAt);
    const isTrusted = performance.now() - trustedFrom < this.currentLifetimeMs;
    return isTrusted ? remembered.tenant : undefined;
  }

  /**
   * Returns the tenant of an id, or undefined if the registry does not have it. It calls the registry at most
   * once at a time for an id.
   *
   * @throws SchemaNameInvalidError when the tenant's schema name breaks a rule
   * @throws TenancyOptionsError when the registry returns the tenant of another id
   */
  async find(id: string): Promise<T | undefined> {
    const known = this.peek(id);
    if (known || this.unknown.has(id)) return known;
    const underWay = this.lookUps.get(id);
    if (underWay) return underWay;
    const lookUp = this.lookUp(id);
    this.lookUps.set(id, lookUp);
    try {
      const tenant = await lookUp;
      // A tenant that changed during the look-up is not cached: forget() has removed the look-up.
      if (this.lookUps.get(id) === lookUp) this.remember(id, tenant);
      return tenant;
    } finally {
      if (this.lookUps.get(id) === lookUp) this.lookUps.delete(id);
    }
  }

  /** Evicts one tenant, or all. */
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

  /** Returns the current age limit of a tenant, in milliseconds. */
  get lifetimeMs(): number {
    return this.currentLifetimeMs;
  }

  /**
   * Limits the age of tenants further, in milliseconds, for a time in which changes may stay unnoticed.
   * Infinity removes this limit. Evicts all entries.
   */
  setMaxAge(lifetimeMs: number): void {
    this.currentLifetimeMs = Math.min(this.ownLifetimeMs, lifetimeMs);
    this.forget();
  }

  /** Restarts the age of all cached tenants, because every change until now was announced. */
  confirm(): void {
    this.confirmedAt = performance.now();
  }

  /** Ends the subscription to changes. */
  close(): void {
    this.unsubscribe?.();
  }

  private async lookUp(id: string): Promise<T | undefined> {
    const tenant = await findTenantById(this.registry, id);
    if (tenant) assertSchemaName(tenant.schema);
    return tenant;
  }

  private remember(id: string, tenant: T | undefined): void {
    if (tenant) this.tenants.set(id, { tenant, readAt: performance.now() });
    else this.unknown.set(id, true);
  }
}
