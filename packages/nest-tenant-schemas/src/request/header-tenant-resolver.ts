import { UUID } from '../core/names/uuid.js';
import {
  TenantHeaderInvalidError,
  TenantHeaderMissingError,
} from '../errors/request/tenant-header.error.js';
import { TenancyOptionsError } from '../errors/tenancy-options.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { TenantRequest, TenantResolver } from '../interfaces/tenant-resolver.interface.js';

/** Matches a field name: https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;

/** Reads the tenant's UUID from a request header. */
export class HeaderTenantResolver implements TenantResolver {
  private readonly key: string;

  /**
   * @param header the header's name, in any case. Default `X-Tenant-ID`
   * @throws TenancyOptionsError when it is not a valid header name
   */
  constructor(private readonly header = 'X-Tenant-ID') {
    if (!HEADER_NAME.test(header)) {
      throw new TenancyOptionsError(
        'HeaderTenantResolver: header',
        `must be a header name (got ${JSON.stringify(header)})`,
      );
    }
    this.key = header.toLowerCase();
  }

  /**
   * Returns the UUID in the header, in lower case.
   *
   * @throws TenantHeaderMissingError when the header is missing or empty
   * @throws TenantHeaderInvalidError when the header does not hold exactly one UUID
   */
  resolve({ headers }: TenantRequest): string {
    const value = headers[this.key];
    if (value === undefined || value === '') throw new TenantHeaderMissingError(this.header);
    // Node joins the values of a repeated header with a comma, which no UUID contains.
    if (typeof value !== 'string' || !UUID.test(value)) {
      throw new TenantHeaderInvalidError(this.header);
    }
    return value.toLowerCase();
  }

  /** Returns the header that selects a tenant. */
  headersFor({ id }: Tenant): Readonly<Record<string, string>> {
    return { [this.header]: id };
  }
}
