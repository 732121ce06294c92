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

/** Longest part of a header that is told apart from others; a UUID has 36 characters. */
const MAX_TENANT_LENGTH = 64;

/**
 * Limits requests to routes marked `@RateLimited`, and gives {@link WrongKeys} to all modules. Import it ahead of
 * modules whose guards come later.
 */
@Module({})
export class RateLimitModule {
  /** @param tenantHeader counted as it is sent: whose it is, is not known yet */
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
          // Not by route, as the throttler's own key: a look-up by GET is one by POST.
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
      // Without a tenant it is refused anyway.
      skipIf: (context) =>
        isNot('login')(context) || tenantOf(context.switchToHttp().getRequest()) === '',
      getTracker: (request) => tenantOf(request as FastifyRequest),
    },
  ];
}
