import { createParamDecorator } from '@nestjs/common';
import { tenantContext } from '../context/tenant-context.js';

/**
 * Injects the request's tenant into a handler parameter, as the application's registry returned it. On a
 * public route it throws `TenantContextMissingError`.
 */
export const CurrentTenant = createParamDecorator(() => tenantContext.require());
