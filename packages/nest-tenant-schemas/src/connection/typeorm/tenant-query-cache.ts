import { LRUCache } from 'lru-cache';
import type { QueryRunner } from 'typeorm';
import type { QueryResultCache } from 'typeorm/cache/QueryResultCache.js';
import type { QueryResultCacheOptions } from 'typeorm/cache/QueryResultCacheOptions.js';
import { tenantContext } from '../../context/tenant-context.js';
import { TenantContextMissingError } from '../../errors/tenant-context-missing.error.js';
import { scopeOf } from './bound-scope.js';
import { clientOf } from '../client/client-of.js';

/** Options of {@link tenantQueryCache}. */
export interface TenantQueryCacheOptions {
  /** Most results kept, of all tenants together; the least recently used go first. Default 1000. */
  readonly maxEntries?: number;
}

const providers = new WeakSet<object>();

/**
 * TypeORM's query result cache, in memory, keyed by tenant: `cache: tenantQueryCache()`. Outside a tenant
 * it throws, since a hit sends no SQL and nothing else would refuse.
 */
export function tenantQueryCache({ maxEntries = 1000 }: TenantQueryCacheOptions = {}): {
  provider: () => QueryResultCache;
} {
  const provider = (): QueryResultCache => new TenantQueryCache(maxEntries);
  providers.add(provider);
  return { provider };
}

/** Whether a `cache` option is the engine's own. */
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

  /** Forgets the results of the current tenant, or of all where none is current. */
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

/** With the length: an id may have any characters, also those that end it here. */
function prefixOf(id: string): string {
  return `${id.length}:${id}:`;
}

/** Not the schema: its name may be another tenant's by the time of a hit. */
function tenantIdOf(queryRunner?: QueryRunner): string | undefined {
  const client = clientOf(queryRunner);
  // An open transaction's client tells the tenant; it also refuses another tenant's context.
  if (client) return client.requireTenant().id;
  return (scopeOf(queryRunner) ?? tenantContext.scope)?.tenant?.id;
}
