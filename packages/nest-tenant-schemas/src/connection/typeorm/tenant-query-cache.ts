import { LRUCache } from 'lru-cache';
import type { QueryRunner } from 'typeorm';
import type { QueryResultCache } from 'typeorm/cache/QueryResultCache.js';
import type { QueryResultCacheOptions } from 'typeorm/cache/QueryResultCacheOptions.js';
import { tenantContext } from '../../context/tenant-context.js';
import { TenantContextMissingError } from '../../errors/tenant-context-missing.error.js';
import { scopeOf } from './bound-scope.js';
import { clientOf } from '../client/client-of.js';

/** Configures {@link tenantQueryCache}. */
export interface TenantQueryCacheOptions {
  /**
   * Limits the cached results of all tenants together. The cache evicts the least recently used ones. Default
   * 1 000.
   */
  readonly maxEntries?: number;
}

const providers = new WeakSet<object>();

/**
 * Returns a query result cache for TypeORM, in memory and keyed by tenant: `cache: tenantQueryCache()`. A
 * cached query outside a tenant throws TenantContextMissingError, because a hit sends no SQL that the engine
 * could reject.
 */
export function tenantQueryCache({ maxEntries = 1000 }: TenantQueryCacheOptions = {}): {
  provider: () => QueryResultCache;
} {
  const provider = (): QueryResultCache => new TenantQueryCache(maxEntries);
  providers.add(provider);
  return { provider };
}

/** Returns whether a `cache` option comes from {@link tenantQueryCache}. */
export function isTenantQueryCache(cache: unknown): boolean {
  const provider = (cache as { provider?: object } | undefined)?.provider;
  return provider !== undefined && providers.has(provider);
}

class TenantQueryCache implements QueryResultCache {
  private readonly results: LRUCache<string, QueryResultCacheOptions>;

  constructor(maxEntries: number) {
    this.results = new LRUCache({ max: maxEntries });
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  disconnect(): Promise<void> {
    this.results.clear();
    return Promise.resolve();
  }

  synchronize(): Promise<void> {
    return Promise.resolve();
  }

  getFromCache(
    options: QueryResultCacheOptions,
    queryRunner?: QueryRunner,
  ): Promise<QueryResultCacheOptions | undefined> {
    return Promise.resolve(this.results.get(keyOf(options, queryRunner)));
  }

  isExpired({ time, duration }: QueryResultCacheOptions): boolean {
    return (time ?? 0) + duration < Date.now();
  }

  storeInCache(
    options: QueryResultCacheOptions,
    _saved: QueryResultCacheOptions | undefined,
    queryRunner?: QueryRunner,
  ): Promise<void> {
    this.results.set(keyOf(options, queryRunner), options);
    return Promise.resolve();
  }

  /** Drops the results of the current tenant, or of all tenants if none is current. */
  clear(queryRunner?: QueryRunner): Promise<void> {
    const id = tenantIdOf(queryRunner);
    for (const key of Array.from(this.results.keys())) {
      if (id === undefined || key.startsWith(prefixOf(id))) this.results.delete(key);
    }
    return Promise.resolve();
  }

  remove(identifiers: string[], queryRunner?: QueryRunner): Promise<void> {
    for (const identifier of identifiers) {
      this.results.delete(keyOf({ identifier, duration: 0 }, queryRunner));
    }
    return Promise.resolve();
  }
}

function keyOf(options: Partial<QueryResultCacheOptions>, queryRunner?: QueryRunner): string {
  const id = tenantIdOf(queryRunner);
  if (id === undefined) throw new TenantContextMissingError('A cached query needs its tenant.');
  return prefixOf(id) + (options.identifier ?? options.query ?? '');
}

/**
 * Returns the key prefix of a tenant. The length makes it unambiguous, because an id may contain any
 * characters.
 */
function prefixOf(id: string): string {
  return `${id.length}:${id}:`;
}

/**
 * Returns the id of the tenant. Not the schema, because another tenant may have its name at the time of a
 * hit.
 */
function tenantIdOf(queryRunner?: QueryRunner): string | undefined {
  const client = clientOf(queryRunner);
  // The client of an open transaction knows its tenant, and rejects another tenant's context.
  if (client) return client.requireTenant().id;
  return (scopeOf(queryRunner) ?? tenantContext.scope)?.tenant?.id;
}
