import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LRUCache } from 'lru-cache';
import { Repository } from 'typeorm';
import {
  type Tenant,
  TENANT_ANNOUNCER,
  type TenantAnnouncer,
  TenantCache,
  tenantContext,
} from 'nest-tenant-schemas';
import type { TokenSubject } from './auth/access-tokens.js';
import { User, type UserRole } from './user.entity.js';

/** Maximum number of cached users of all tenants. The least recently used user is evicted first. */
const MAX_USERS = 10_000;

/**
 * Maximum age of a cached user. A change by hand notifies no process, because the table has no trigger
 * (docs/decisions/0009-accounts.md). The maximum age of cached tenants also applies to users. It is shorter while the tenant
 * change listener is not connected.
 */
const MAX_AGE_MS = 60_000;

/** The user of a request. */
export interface AuthenticatedUser {
  readonly id: number;
  readonly username: string;
  readonly email: string | null;
  readonly role: UserRole;
}

type CachedUser = AuthenticatedUser & Pick<User, 'tokenVersion'>;

/**
 * Caches users of all tenants, so that most requests with a token send no statement for it. The cache is bounded, and concurrent
 * requests of a user share one look-up. A change of a tenant, or of one of its users, evicts all users of that tenant.
 */
@Injectable()
export class UserCache implements OnApplicationShutdown {
  private readonly cache: LRUCache<string, CachedUser, number>;
  /** Running look-ups, which `cache.keys()` does not contain. */
  private readonly pending = new Set<{ readonly key: string }>();
  private readonly unsubscribe: () => void;

  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    @Inject(TENANT_ANNOUNCER) changes: Pick<TenantAnnouncer, 'onChange'>,
    @Inject(TenantCache) private readonly tenants: Pick<TenantCache, 'lifetimeMs'>,
  ) {
    this.cache = new LRUCache<string, CachedUser, number>({
      max: MAX_USERS,
      // With the default of 1 ms, the cache would set a timer and read the clock for nearly each request.
      ttlResolution: 100,
      // After an eviction, the requests that already wait still get the user that was read. It is not cached.
      ignoreFetchAbort: true,
      fetchMethod: (key, _stale, { context: id }) => this.lookUp(key, id),
    });
    this.unsubscribe = changes.onChange((tenantId) => this.forget(tenantId));
  }

  /**
   * Returns the user of a token, or undefined if the token is no longer valid.
   *
   * @param tenant the current tenant
   */
  async find(tenant: Tenant, subject: TokenSubject): Promise<AuthenticatedUser | undefined> {
    const key = keyOf(tenant.id, subject.id);
    const look = { context: subject.id, ttl: Math.min(MAX_AGE_MS, this.tenants.lifetimeMs) };
    let user = await this.cache.fetch(key, look);
    if (user && user.tokenVersion < subject.tokenVersion) {
      // The user logged in again after a logout, and the notification has not arrived yet.
      user = await this.cache.fetch(key, { ...look, forceRefresh: true });
    }
    return user?.tokenVersion === subject.tokenVersion ? user : undefined;
  }

  /** Unsubscribes from changes, after the last request. */
  onApplicationShutdown(): void {
    this.unsubscribe();
  }

  private forget(tenantId?: string): void {
    if (tenantId === undefined) return this.cache.clear();
    const ofTenant = keyOf(tenantId, '');
    const keys = [...this.cache.keys(), ...Array.from(this.pending, ({ key }) => key)];
    for (const key of keys) if (key.startsWith(ofTenant)) this.cache.delete(key);
  }

  private async lookUp(key: string, id: number): Promise<CachedUser | undefined> {
    const lookUp = { key };
    this.pending.add(lookUp);
    try {
      // A replica may not have the change yet that evicted the user.
      const user = await tenantContext.readFromPrimary(() => this.users.findOneBy({ id }));
      if (!user) return undefined;
      const { username, email, role, tokenVersion } = user;
      return { id, username, email, role, tokenVersion };
    } finally {
      this.pending.delete(lookUp);
    }
  }
}

const keyOf = (tenantId: string, id: number | ''): string => `${tenantId}:${id}`;
