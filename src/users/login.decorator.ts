import { applyDecorators } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiBearerAuth } from '@nestjs/swagger';
import { ApiErrors } from '../http/openapi/api-errors.decorator.js';

/** Name of the security scheme of users' tokens. */
export const USER_SECURITY = 'user';

/** What a route makes of a token. */
export type LoginNeed = 'required' | 'optional' | 'ignored';

/** Metadata that `AuthGuard` reads. */
export const LoginNeed = Reflector.createDecorator<LoginNeed>();

/**
 * Says, and documents, what the tenant routes of a controller, or one of them, make of a user's token:
 *
 * - `required`: 401 without one
 * - `optional`, as where nothing is said: 401 without one where the tenant is for its users only
 * - `ignored`: none is looked at, in no tenant
 *
 * A token that is not good is 401, unless it is ignored.
 */
export function Login(need: LoginNeed): ClassDecorator & MethodDecorator {
  const documented =
    need === 'ignored' ? [] : [ApiBearerAuth(USER_SECURITY), ApiErrors('UNAUTHENTICATED')];
  return applyDecorators(LoginNeed(need), ...documented);
}
