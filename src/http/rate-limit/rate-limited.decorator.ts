import { applyDecorators, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ApiErrors } from '../openapi/api-errors.decorator.js';

/** What is limited: looking tenants up by name, and whatever checks or takes a password. */
export type RateLimitedKind = 'look-up' | 'login';

const RATE_LIMITED = 'rate-limited';

/** Marks a route, or all routes of a controller, whose requests are counted together with others of the kind. */
export const RateLimited = (kind: RateLimitedKind): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(RATE_LIMITED, kind), ApiErrors('RATE_LIMITED'));

/** The kind that a route is marked as, or undefined. */
export const kindOf = (
  context: ExecutionContext,
  reflector: Reflector,
): RateLimitedKind | undefined =>
  reflector.getAllAndOverride(RATE_LIMITED, [context.getHandler(), context.getClass()]);
