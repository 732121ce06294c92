import { applyDecorators } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import { NOT_AN_OPERATOR } from '../errors/error-messages.js';
import { ApiErrors } from './api-errors.decorator.js';
import { OPERATOR_SECURITY } from './security.js';

/** Documents that a route, or all routes of a controller, require the operator key, and the errors without it. */
export function OperatorRoute(): ClassDecorator & MethodDecorator {
  return applyDecorators(
    ApiSecurity(OPERATOR_SECURITY),
    ApiErrors({ UNAUTHENTICATED: NOT_AN_OPERATOR }, 'RATE_LIMITED', 'DATABASE_UNAVAILABLE'),
  );
}
