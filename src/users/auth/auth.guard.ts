import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { BAD_TOKEN, LOG_IN } from '../../http/errors/error-messages.js';
import { TenantContext } from 'nest-tenant-schemas';
import { Authenticator } from './authenticator.js';
import type { UserRequest } from './current-user.decorator.js';
import { LoginNeed } from './login.decorator.js';
import { USERS_OPTIONS, type UsersModuleOptions } from '../users.options.js';

type Request = UserRequest & { readonly headers: { readonly authorization?: string } };

/**
 * Authenticates requests to routes of a tenant by their token, and rejects requests without a required or valid token. It is
 * global, and runs after the guard that resolves the tenant. Without a token it sends no statement.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tenants: TenantContext,
    private readonly authenticator: Authenticator,
    @Inject(USERS_OPTIONS) private readonly options: UsersModuleOptions,
  ) {}

  /** @throws UnauthorizedException if the token is invalid, or if a required token is missing */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    // A public route interprets the header itself.
    const tenant = this.tenants.current;
    if (!tenant || context.getType() !== 'http') return true;
    const need = this.reflector.getAllAndOverride(LoginNeed, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (need === 'ignored') return true;
    const request = context.switchToHttp().getRequest<Request>();
    const { authorization } = request.headers;
    if (authorization) {
      request.user = await this.authenticator.userOf(authorization, tenant);
      if (!request.user) throw new UnauthorizedException(BAD_TOKEN);
    } else if (need === 'required' || this.options.isMembersOnly(tenant)) {
      throw new UnauthorizedException(LOG_IN);
    }
    return true;
  }
}
