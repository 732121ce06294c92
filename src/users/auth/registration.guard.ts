import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { BAD_TOKEN, REGISTRATION_CLOSED } from '../../http/errors/error-messages.js';
import { OperatorGuard } from '../../operators/operator.guard.js';
import { TenantContext } from 'nest-tenant-schemas';
import { Authenticator } from './authenticator.js';
import { USERS_OPTIONS, type UsersModuleOptions } from '../users.options.js';

/**
 * Decides who may register users. In an open tenant anyone may, and tokens are ignored. In a tenant with `access: members` only
 * its admins and operators may.
 */
@Injectable()
export class RegistrationGuard implements CanActivate {
  constructor(
    private readonly tenants: TenantContext,
    private readonly authenticator: Authenticator,
    private readonly operators: OperatorGuard,
    @Inject(USERS_OPTIONS) private readonly options: UsersModuleOptions,
  ) {}

  /** @throws ForbiddenException, UnauthorizedException, ThrottlerException */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const tenant = this.tenants.require();
    if (!this.options.isMembersOnly(tenant)) return true;
    const { authorization } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    if (!authorization) throw new ForbiddenException(REGISTRATION_CLOSED);
    const user = await this.authenticator.userOf(authorization, tenant);
    if (user?.role === 'admin') return true;
    if (user) throw new ForbiddenException(REGISTRATION_CLOSED);
    if (this.operators.hasKey(context)) return true;
    throw new UnauthorizedException(BAD_TOKEN);
  }
}
