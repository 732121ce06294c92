import { applyDecorators } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiLogin, type LoginUse } from '../../http/openapi/security.js';

/** Metadata for `AuthGuard`. */
export const LoginNeed = Reflector.createDecorator<LoginUse>();

/**
 * Sets, and documents, how a tenant route or all tenant routes of a controller use a user's token:
 *
 * - `required`: 401 without a token
 * - `optional` (default): 401 without a token only if the tenant is for its users only
 * - `ignored`: tokens are not read
 *
 * An invalid token is answered with 401, unless tokens are ignored.
 */
export function Login(need: LoginUse): ClassDecorator & MethodDecorator {
  return applyDecorators(LoginNeed(need), ApiLogin(need));
}
