import { applyDecorators, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ApiErrors } from '../openapi/api-errors.decorator.js';

/** Limited kinds of requests: look-ups of tenants by name, and requests that check or set a password. */
export type RateLimitedKind = 'look-up' | 'login';

const RATE_LIMITED = 'rate-limited';

/** Limits the requests of a route, or of all routes of a controller. All routes of a kind share one limit. */
export const RateLimited = (kind: RateLimitedKind): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(RATE_LIMITED, kind), ApiErrors('RATE_LIMITED'));

/** Returns the kind of a marked route, otherwise undefined. */
export const kindOf = (
  context: ExecutionContext,
  reflector: Reflector,
): RateLimitedKind | undefined =>
  reflector.getAllAndOverride(RATE_LIMITED, [context.getHandler(), context.getClass()]);
