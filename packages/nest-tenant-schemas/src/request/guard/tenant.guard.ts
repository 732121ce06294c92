import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { tenantContext } from '../../context/tenant-context.js';
import { TenantContextMissingError } from '../../errors/tenant-context-missing.error.js';
import { TenantIdMissingError } from '../../errors/request/tenant-header.error.js';
import { TenantNotFoundError } from '../../errors/tenant-not-found.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import type { TenantRequest, TenantResolver } from '../../interfaces/tenant-resolver.interface.js';
import { PUBLIC_ROUTE } from './public-route.decorator.js';
import { TenantCache } from '../tenant-cache.js';
import { rememberTenant } from '../tenant-of-request.js';
import { ASSERT_SERVABLE, TENANT_RESOLVER } from '../tenant-resolver.token.js';

/**
 * Resolves the tenant of every HTTP request to a route that is not public, also of requests to a GraphQL server. It is global, and runs before
 * guards that authenticate, because those read the tenant's own tables.
 */
@Injectable()
export class TenantGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly cache: TenantCache,
    @Inject(TENANT_RESOLVER) private readonly resolver: TenantResolver,
    @Inject(ASSERT_SERVABLE) private readonly assertServable: (tenant: Tenant) => void,
  ) {}

  /**
   * Resolves the tenant of a request and stores it in the request's scope.
   *
   * @throws TenantHeaderMissingError, TenantHeaderInvalidError or another error of the resolver
   * @throws TenantIdMissingError when the resolver returns no id
   * @throws TenantNotFoundError when the registry does not have the tenant
   * @throws any exception of the application's `assertServable`
   */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = requestOf(context);
    if (!request) return true;
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC_ROUTE, targets)) return true;
    const id = this.resolver.resolve(request);
    // A cached tenant needs no promise, and promises cost more inside an async context.
    const known = typeof id === 'string' ? this.cache.peek(id) : undefined;
    return known ? this.enter(request, known) : this.lookUp(request, id);
  }

  private async lookUp(request: TenantRequest, id: string | Promise<string>): Promise<boolean> {
    const tenant = await this.cache.find(requireId(await id));
    if (!tenant) throw new TenantNotFoundError();
    return this.enter(request, tenant);
  }

  private enter(request: TenantRequest, tenant: Tenant): true {
    this.assertServable(tenant);
    const { scope } = tenantContext;
    if (!scope) {
      throw new TenantContextMissingError('The request did not pass the hook of TenantModule.');
    }
    scope.resolve(tenant);
    rememberTenant(request, tenant);
    return true;
  }
}

/**
 * Returns the HTTP request whose tenant a handler needs. Returns undefined for other work, for example a message of a queue,
 * and for a further field of a GraphQL request whose tenant is known.
 */
function requestOf(context: ExecutionContext): TenantRequest | undefined {
  if (context.getType() === 'http') return context.switchToHttp().getRequest<TenantRequest>();
  return tenantContext.scope?.request as TenantRequest | undefined;
}

/**
 * A resolver in JavaScript, or one that reads `headers['x-org'] as string`, can return something else. A registry that looks
 * up `undefined` may find any tenant.
 *
 * @throws TenantIdMissingError
 */
function requireId(id: unknown): string {
  if (typeof id === 'string' && id !== '') return id;
  throw new TenantIdMissingError();
}
