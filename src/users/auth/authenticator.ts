import { Injectable } from '@nestjs/common';
import { bearerOf } from '../../http/bearer.js';
import type { Tenant } from 'nest-tenant-schemas';
import { AccessTokens } from './access-tokens.js';
import { type AuthenticatedUser, UserCache } from '../user-cache.js';

/** Finds the user of a token. */
@Injectable()
export class Authenticator {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly users: UserCache,
  ) {}

  /**
   * Returns the user whose token an Authorization header carries, or undefined if the header has no token that is valid
   * in this tenant.
   *
   * @param tenant the current tenant
   */
  async userOf(
    authorization: string | undefined,
    tenant: Tenant,
  ): Promise<AuthenticatedUser | undefined> {
    const token = bearerOf(authorization);
    const subject = token === undefined ? undefined : this.tokens.read(token, tenant);
    return subject && (await this.users.find(tenant, subject));
  }
}
