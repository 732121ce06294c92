import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { tenantContext } from '../context/tenant-context.js';
import { TenantContextMissingError } from '../errors/tenant-context-missing.error.js';
import { TenantNotFoundError } from '../errors/tenant-not-found.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { TenantRequest, TenantResolver } from '../interfaces/tenant-resolver.interface.js';
import { PUBLIC_ROUTE } from './public-route.decorator.js';
import { TenantCache } from './tenant-cache.js';
import { rememberTenant } from './tenant-of-request.js';
import { ASSERT_SERVABLE, TENANT_RESOLVER } from './tenant-resolver.token.js';

/**
 * Resolves the tenant of every HTTP request to a route that is not public, and fills the request's
 * scope with it. Global, and ahead of guards that authenticate: those read the tenant's own tables.
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
   * @throws TenantHeaderMissingError, TenantHeaderInvalidError or what else the resolver throws
   * @throws TenantNotFoundError when the registry has no such tenant
   * @throws whatever the application's `assertServable` throws
   */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC_ROUTE, targets)) return true;
    const request = context.switchToHttp().getRequest<TenantRequest>();
    const id = this.resolver.resolve(request);
    // Nothing to wait for: every promise has its price where there is an async context.
    const known = typeof id === 'string' ? this.cache.peek(id) : undefined;
    return known ? this.enter(request, known) : this.lookUp(request, id);
  }

  private async lookUp(request: TenantRequest, id: string | Promise<string>): Promise<boolean> {
    const tenant = await this.cache.find(await id);
    if (!tenant) throw new TenantNotFoundError();
    return this.enter(request, tenant);
  }

  private enter(request: TenantRequest, tenant: Tenant): true {
    this.assertServable(tenant);
    const { scope } = tenantContext;
    if (!scope) {
      throw new TenantContextMissingError('The request came past the hook of TenantModule.');
    }
    scope.resolve(tenant);
    rememberTenant(request, tenant);
    return true;
  }
}
