import { applyDecorators } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import { ApiErrors } from './api-errors.decorator.js';
import { TENANT_SECURITY } from './security.js';

/** Documents that a route, or all routes of a controller, require the tenant header, and the errors of such routes. */
export function TenantRoute(): ClassDecorator & MethodDecorator {
  return applyDecorators(
    ApiSecurity(TENANT_SECURITY),
    ApiErrors(
      'TENANT_HEADER_MISSING',
      'TENANT_HEADER_INVALID',
      'TENANT_NOT_FOUND',
      'TENANT_SUSPENDED',
      'TENANT_EXPIRED',
      'DATABASE_UNAVAILABLE',
      'POOL_EXHAUSTED',
    ),
  );
}
