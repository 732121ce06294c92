import { applyDecorators } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import { NOT_AN_OPERATOR } from '../errors/error-messages.js';
import { ApiErrors } from './api-errors.decorator.js';
import { OPERATOR_SECURITY } from './security.js';

/** Documents that a controller's routes, or one route, need the operator key, and what they answer without. */
export function OperatorRoute(): ClassDecorator & MethodDecorator {
  return applyDecorators(
    ApiSecurity(OPERATOR_SECURITY),
    ApiErrors({ UNAUTHENTICATED: NOT_AN_OPERATOR }, 'RATE_LIMITED', 'DATABASE_UNAVAILABLE'),
  );
}
