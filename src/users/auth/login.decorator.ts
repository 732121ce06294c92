import { applyDecorators } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiLogin, type LoginUse } from '../../http/openapi/security.js';

/** Metadata that `AuthGuard` reads. */
export const LoginNeed = Reflector.createDecorator<LoginUse>();

/**
 * Says, and documents, what the tenant routes of a controller, or one of them, make of a user's token:
 *
 * - `required`: 401 without one
 * - `optional`, as where nothing is said: 401 without one where the tenant is for its users only
 * - `ignored`: none is looked at, in no tenant
 *
 * A token that is not good is 401, unless it is ignored.
 */
export function Login(need: LoginUse): ClassDecorator & MethodDecorator {
  return applyDecorators(LoginNeed(need), ApiLogin(need));
}
