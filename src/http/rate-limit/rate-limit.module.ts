import { type DynamicModule, type ExecutionContext, Module } from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { ThrottlerModule, type ThrottlerOptions } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import type { RateLimits } from '../../config/environment.interface.js';
import { TOO_MANY_REQUESTS } from '../errors/error-messages.js';
import { BoundedThrottlerStorage } from './bounded-throttler-storage.js';
import { RateLimitGuard } from './rate-limit.guard.js';
import { kindOf, type RateLimitedKind } from './rate-limited.decorator.js';
import { WrongKeys } from './wrong-keys.js';

const MINUTE_MS = 60_000;

/** Number of characters of the tenant header that are compared. A UUID has 36. */
const MAX_TENANT_LENGTH = 64;

/**
 * Limits requests to routes marked `@RateLimited`, and provides {@link WrongKeys} to all modules. Import it before other
 * modules with guards, so that its guard runs first.
 */
@Module({})
export class RateLimitModule {
  /** @param tenantHeader name of the header whose value is counted, because the tenant is not resolved yet */
  static forRoot(limits: RateLimits, tenantHeader: string): DynamicModule {
    const storage = new BoundedThrottlerStorage();
    const wrongKeys = new WrongKeys(storage, limits.loginsOfAddress, MINUTE_MS);
    const common = {
      module: RateLimitModule,
      global: true,
      providers: [{ provide: WrongKeys, useValue: wrongKeys }],
      exports: [WrongKeys],
    };
    const throttlers = throttlersOf(limits, tenantHeader).filter(({ limit }) => limit !== 0);
    if (throttlers.length === 0) return common;
    return {
      ...common,
      imports: [
        ThrottlerModule.forRoot({
          throttlers,
          storage,
          errorMessage: TOO_MANY_REQUESTS,
          setHeaders: false,
          // The throttler's own key contains the route. Look-ups by GET and by POST share one limit.
          generateKey: (_context, tracker, name) => `${name}:${tracker}`,
        }),
      ],
      providers: [...common.providers, { provide: APP_GUARD, useClass: RateLimitGuard }],
    };
  }
}

function throttlersOf(limits: RateLimits, tenantHeader: string): ThrottlerOptions[] {
  const reflector = new Reflector();
  const isNot = (kind: RateLimitedKind) => (context: ExecutionContext) =>
    kindOf(context, reflector) !== kind;
  const tenantOf = ({ headers }: Pick<FastifyRequest, 'headers'>): string =>
    String(headers[tenantHeader.toLowerCase()] ?? '')
      .slice(0, MAX_TENANT_LENGTH)
      .toLowerCase();
  return [
    { name: 'look-up', ttl: MINUTE_MS, limit: limits.lookUpsOfAddress, skipIf: isNot('look-up') },
    { name: 'login', ttl: MINUTE_MS, limit: limits.loginsOfAddress, skipIf: isNot('login') },
    {
      name: 'login-tenant',
      ttl: MINUTE_MS,
      limit: limits.loginsOfTenant,
      // A request without a tenant is rejected anyway.
      skipIf: (context) =>
        isNot('login')(context) || tenantOf(context.switchToHttp().getRequest()) === '',
      getTracker: (request) => tenantOf(request as FastifyRequest),
    },
  ];
}
