import type { Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { type Tenant, TenantContext } from 'nest-tenant-schemas';
import { AccessTokens } from '../../src/users/auth/access-tokens.js';
import { AuthGuard } from '../../src/users/auth/auth.guard.js';
import { Authenticator } from '../../src/users/auth/authenticator.js';
import { UserCache } from '../../src/users/user-cache.js';
import { USERS_OPTIONS } from '../../src/users/users.options.js';

/**
 * The application's guard of logins, which is the same work in every variant. Nobody logs in: a request without a
 * token asks no directory.
 */
export const GUARDED_BY_LOGIN: Provider[] = [
  { provide: USERS_OPTIONS, useValue: { isMembersOnly: () => false } },
  { provide: AccessTokens, useFactory: () => new AccessTokens([], 0) },
  { provide: UserCache, useValue: {} },
  Authenticator,
  { provide: APP_GUARD, useClass: AuthGuard },
];

const TENANT: Tenant = { id: '00000000-0000-4000-8000-000000000001', schema: 'public' };

/** The tenant that the guard is told of where nothing of the engine resolves one. */
export const ONE_TENANT: Provider = { provide: TenantContext, useValue: { current: TENANT } };
