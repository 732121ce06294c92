import type { Tenant } from './tenant.interface.js';

/** The parts of an HTTP request that resolvers read; Fastify's and Express's requests both have them. */
export interface TenantRequest {
  /** Header values by lower-case name, as Node gives them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly url?: string;
  readonly hostname?: string;
}

/** Who is asked for. Says nothing on whether that tenant exists. */
export interface TenantResolver {
  /**
   * The tenant's id that the request names.
   *
   * @returns a UUID in lower case
   * @throws TenantHeaderMissingError, TenantHeaderInvalidError, or a `TenancyError` of its own
   */
  resolve(request: TenantRequest): string | Promise<string>;

  /**
   * Returns the headers by which a request names the tenant. Optional: the fixtures of `nest-tenant-schemas/testing` use it.
   */
  headersFor?(tenant: Tenant): Readonly<Record<string, string>>;
}
