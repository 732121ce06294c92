import type { Tenant } from 'nest-tenant-schemas';

/** Options of `UsersModule.forRoot()`. */
export interface UsersModuleOptions<T extends Tenant = Tenant> {
  /** Secrets of tokens. The first one signs, and all verify. Without a secret no user can log in. */
  readonly secrets: readonly string[];
  /** Lifetime of a token in seconds. */
  readonly tokenTtlSeconds: number;
  /** Returns whether only its users may use a tenant. All its routes except `/login` then require a token. */
  isMembersOnly(tenant: T): boolean;
}

/** Token of the options. */
export const USERS_OPTIONS = Symbol('USERS_OPTIONS');
