import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LRUCache } from 'lru-cache';
import { Repository } from 'typeorm';
import {
  type Tenant,
  TENANT_ANNOUNCER,
  type TenantAnnouncer,
  TenantCache,
} from 'nest-tenant-schemas';
import type { TokenSubject } from './auth/access-tokens.js';
import { User, type UserRole } from './user.entity.js';

/** Most users remembered, of all tenants together; the least recently used go first. */
const MOST_USERS = 10_000;

/**
 * How long a user is trusted without asking the table again, whatever is heard: no trigger tells of one changed by hand
 * (docs/decisions/0009-accounts.md). Less where tenants are trusted for less, as nothing is heard.
 */
const LIFETIME_MS = 60_000;

/** The user of a request. */
export interface AuthenticatedUser {
  readonly id: number;
  readonly username: string;
  readonly email: string | null;
  readonly role: UserRole;
}

type KnownUser = AuthenticatedUser & Pick<User, 'tokenVersion'>;

/**
 * The users of all tenants with a memory, so that a token costs no statement: bounded, one look-up at a time
 * for each, and what is known of a tenant's users is dropped when that tenant tells of a change.
 */
@Injectable()
export class UserDirectory implements OnApplicationShutdown {
  private readonly known: LRUCache<string, KnownUser, number>;
  /** Look-ups under way, which the cache does not list. */
  private readonly underWay = new Set<{ readonly key: string }>();
  private readonly unsubscribe: () => void;

  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    @Inject(TENANT_ANNOUNCER) changes: Pick<TenantAnnouncer, 'onChange'>,
    @Inject(TenantCache) private readonly tenants: Pick<TenantCache, 'lifetimeMs'>,
  ) {
    this.known = new LRUCache<string, KnownUser, number>({
      max: MOST_USERS,
      // With the cache's own, a millisecond, the clock is read anew by a timer for nearly every request.
      ttlResolution: 100,
      // Who asked while it changed gets what was read; it is not remembered.
      ignoreFetchAbort: true,
      fetchMethod: (key, _stale, { context: id }) => this.lookUp(key, id),
    });
    this.unsubscribe = changes.onChange((tenantId) => this.forget(tenantId));
  }

  /** The user of the current tenant, `tenant`, whom a token is about; undefined when it is good no more. */
  async find(tenant: Tenant, subject: TokenSubject): Promise<AuthenticatedUser | undefined> {
    const key = keyOf(tenant.id, subject.id);
    const look = { context: subject.id, ttl: Math.min(LIFETIME_MS, this.tenants.lifetimeMs) };
    let user = await this.known.fetch(key, look);
    if (user && user.tokenVersion < subject.tokenVersion) {
      // Logged out and in again elsewhere, and not heard of yet.
      user = await this.known.fetch(key, { ...look, forceRefresh: true });
    }
    return user?.tokenVersion === subject.tokenVersion ? user : undefined;
  }

  /** After the last request: until then changes are heard of. */
  onApplicationShutdown(): void {
    this.unsubscribe();
  }

  private forget(tenantId?: string): void {
    if (tenantId === undefined) return this.known.clear();
    const ofTenant = keyOf(tenantId, '');
    const keys = [...this.known.keys(), ...Array.from(this.underWay, ({ key }) => key)];
    for (const key of keys) if (key.startsWith(ofTenant)) this.known.delete(key);
  }

  private async lookUp(key: string, id: number): Promise<KnownUser | undefined> {
    const lookUp = { key };
    this.underWay.add(lookUp);
    try {
      const user = await this.users.findOneBy({ id });
      if (!user) return undefined;
      const { username, email, role, tokenVersion } = user;
      return { id, username, email, role, tokenVersion };
    } finally {
      this.underWay.delete(lookUp);
    }
  }
}

const keyOf = (tenantId: string, id: number | ''): string => `${tenantId}:${id}`;
