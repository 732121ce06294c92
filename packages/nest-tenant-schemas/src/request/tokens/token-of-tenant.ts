import { tenantContext } from '../../context/tenant-context.js';
import { TenancyOptionsError } from '../../errors/tenancy-options.error.js';
import { TenantTokenError } from './tenant-token.error.js';

/** The claim that holds the id of the tenant in which a token was issued. */
export const TENANT_CLAIM = 'tid';

/**
 * Checks the claims of a verified token, for example in `validate()` of a Passport strategy.
 *
 * @param payload the claims of a token whose claims are from {@link claimsOfTenant}, or from `TenantJwtService`
 * @returns the payload
 * @throws TenantTokenError when the token was issued in another tenant, or in none
 * @throws TenantContextMissingError when no tenant is current
 */
export function assertTokenOfTenant<T>(payload: T): T {
  tenantContext.require();
  return assertTokenOfContext(payload);
}

/**
 * Checks the claims of a verified token. Without a current tenant, only a token that was issued in none is valid.
 *
 * @throws TenantTokenError when the token was issued in another context
 */
export function assertTokenOfContext<T>(payload: T): T {
  const claims = (payload ?? {}) as { readonly [TENANT_CLAIM]?: unknown };
  if (claims[TENANT_CLAIM] === tenantContext.scope?.tenant?.id) return payload;
  throw new TenantTokenError();
}

/**
 * Checks what `JwtService.verify` returned, and returns it.
 *
 * @param args those of the call. The option `complete` returns the claims in a property
 * @throws TenantTokenError when the token was issued in another context
 */
export function assertVerified<T>(verified: T, [, options]: readonly unknown[]): T {
  const isComplete = (options as { readonly complete?: boolean } | undefined)?.complete === true;
  assertTokenOfContext(
    isComplete ? (verified as { readonly payload?: unknown }).payload : verified,
  );
  return verified;
}

/**
 * Returns claims with the id of the current tenant, for a token that is valid in this tenant only.
 *
 * @param claims an object, because a text or a buffer cannot name a tenant
 * @throws TenantContextMissingError when no tenant is current
 * @throws TenancyOptionsError for claims that are not an object, or that name another tenant
 */
export function claimsOfTenant(claims: unknown): object {
  tenantContext.require();
  return claimsOfContext(claims) as object;
}

/** Returns claims with the id of the current tenant. Without a current tenant, it returns them as they are. */
export function claimsOfContext(claims: unknown): string | Buffer | object {
  const id = tenantContext.scope?.tenant?.id;
  const isObject = typeof claims === 'object' && claims !== null && !Buffer.isBuffer(claims);
  if (id === undefined && !isObject) return claims as string | Buffer;
  if (!isObject)
    throw new TenancyOptionsError('The payload of a token', 'must be an object of claims');
  const { [TENANT_CLAIM]: named = id } = claims as { readonly [TENANT_CLAIM]?: unknown };
  if (named !== id) {
    throw new TenancyOptionsError(
      `The claim ${TENANT_CLAIM} of a token`,
      'must not name another tenant than the current one',
    );
  }
  return id === undefined ? claims : { ...claims, [TENANT_CLAIM]: id };
}
