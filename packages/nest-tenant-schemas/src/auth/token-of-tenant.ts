import { tenantContext } from '../index.js';
import { TenantTokenError } from './tenant-token.error.js';

/** The claim that holds the id of the tenant in which a token was issued. */
export const TENANT_CLAIM = 'tid';

/**
 * Checks the claims of a verified token, for example in `validate()` of a Passport strategy.
 *
 * @param payload the claims of a token that `TenantJwtService` signed
 * @returns the payload
 * @throws TenantTokenError when the token was issued in another tenant, or in none
 * @throws TenantContextMissingError when no tenant is current
 */
export function assertTokenOfTenant<T>(payload: T): T {
  const { id } = tenantContext.require();
  const claims = (payload ?? {}) as { readonly [TENANT_CLAIM]?: unknown };
  if (claims[TENANT_CLAIM] === id) return payload;
  throw new TenantTokenError();
}
