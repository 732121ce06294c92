import { SetMetadata } from '@nestjs/common';

/** Metadata key of {@link PublicRoute}. */
export const PUBLIC_ROUTE = 'nest-tenant-schemas:public-route';

/**
 * Marks a controller or a handler as no tenant's: the tenant header is not looked at, and tenant tables
 * cannot be reached. A handler's own mark wins over its class's.
 */
export const PublicRoute = (isPublic = true): ClassDecorator & MethodDecorator =>
  SetMetadata(PUBLIC_ROUTE, isPublic);
