import type { Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { type Tenant, TenantContext } from 'nest-tenant-schemas';
import { AccessTokens } from '../../src/users/auth/access-tokens.js';
import { AuthGuard } from '../../src/users/auth/auth.guard.js';
import { Authenticator } from '../../src/users/auth/authenticator.js';
import { UserCache } from '../../src/users/user-cache.js';
import { USERS_OPTIONS } from '../../src/users/users.options.js';

/**
 * The application's login guard, which does the same work in all variants. The requests have no token, so the guard does not use
 * the cache of users.
 */
export const GUARDED_BY_LOGIN: Provider[] = [
  { provide: USERS_OPTIONS, useValue: { isMembersOnly: () => false } },
  { provide: AccessTokens, useFactory: () => new AccessTokens([], 0) },
  { provide: UserCache, useValue: {} },
  Authenticator,
  { provide: APP_GUARD, useClass: AuthGuard },
];

const TENANT: Tenant = { id: '00000000-0000-4000-8000-000000000001', schema: 'public' };

/** The tenant context of the guard in variants without the engine. */
export const ONE_TENANT: Provider = { provide: TenantContext, useValue: { current: TENANT } };
