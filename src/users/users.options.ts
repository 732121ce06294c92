import type { Tenant } from 'nest-tenant-schemas';

/** Options of `UsersModule.forRoot()`. */
export interface UsersModuleOptions<T extends Tenant = Tenant> {
  /** Secrets of tokens: the first one signs, each verifies. Without any nobody can log in. */
  readonly secrets: readonly string[];
  /** How long a token is good. Seconds. */
  readonly tokenTtlSeconds: number;
  /** Returns whether a tenant is for its users only. All its routes but `/login` then need a token. */
  isMembersOnly(tenant: T): boolean;
}

/** Token of the options. */
export const USERS_OPTIONS = Symbol('USERS_OPTIONS');
