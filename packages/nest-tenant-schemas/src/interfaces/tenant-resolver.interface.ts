import type { Tenant } from './tenant.interface.js';

/** Describes the parts of an HTTP request that resolvers read. Requests of Fastify and Express both have them. */
export interface TenantRequest {
  /** Header values by lower-case name, as Node provides them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The path and the query of the request. */
  readonly url?: string;
  /** The host that the client requested, without the port. */
  readonly hostname?: string;
}

/** Extracts the tenant id from a request. It does not check whether that tenant exists. */
export interface TenantResolver {
  /**
   * Returns the tenant id of a request.
   *
   * @returns a UUID in lower case
   * @throws TenantHeaderMissingError, TenantHeaderInvalidError, or the resolver's own `TenancyError`
   */
  resolve(request: TenantRequest): string | Promise<string>;

  /**
   * Returns the headers by which a request names the tenant. Optional: the fixtures of `nest-tenant-schemas/testing` use it.
   */
  headersFor?(tenant: Tenant): Readonly<Record<string, string>>;
}
