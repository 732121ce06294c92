import { createParamDecorator } from '@nestjs/common';
import { tenantContext } from '../context/tenant-context.js';

/**
 * Injects the request's tenant into a handler parameter, in the form that the application's registry
 * returned. On a public route it throws `TenantContextMissingError`.
 */
export const CurrentTenant = createParamDecorator(() => tenantContext.require());
