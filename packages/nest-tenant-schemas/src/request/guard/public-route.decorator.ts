import { SetMetadata } from '@nestjs/common';

/** Names the metadata of {@link PublicRoute}. */
export const PUBLIC_ROUTE = 'nest-tenant-schemas:public-route';

/**
 * Marks a controller or a handler as public. The guard ignores the tenant header, and the route cannot reach
 * tenant tables. The decorator of a handler overrides that of its class. The fields of a GraphQL request share their tenant:
 * a public field may have it if the request also asks for a field that is not public.
 *
 * @param isPublic whether the route is public. Default true
 */
export const PublicRoute = (isPublic = true): ClassDecorator & MethodDecorator =>
  SetMetadata(PUBLIC_ROUTE, isPublic);
