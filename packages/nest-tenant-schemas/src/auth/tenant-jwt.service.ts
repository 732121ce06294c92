import { JwtService, type JwtSignOptions, type JwtVerifyOptions } from '@nestjs/jwt';
import { TenancyOptionsError, tenantContext } from '../index.js';
import { assertTokenOfTenant, TENANT_CLAIM } from './token-of-tenant.js';

/**
 * Signs tokens for the current tenant, and verifies only tokens of the current tenant. A plain `JwtService` would accept a
 * token of every tenant in every other one, because all have the same secret.
 */
export class TenantJwtService extends JwtService {
  /**
   * Signs claims for the current tenant.
   *
   * @param payload the claims. A text or a buffer cannot name a tenant
   * @throws TenantContextMissingError when no tenant is current
   * @throws TenancyOptionsError for a payload that is no object, or that names another tenant
   */
  override sign(payload: string | Buffer | object, options?: JwtSignOptions): string {
    return super.sign(claimsOfTenant(payload), options);
  }

  /** Does what `sign` does, and rejects with its errors. */
  override async signAsync(
    payload: string | Buffer | object,
    options?: JwtSignOptions,
  ): Promise<string> {
    return super.signAsync(claimsOfTenant(payload), options);
  }

  /**
   * Verifies a token of the current tenant.
   *
   * @returns its claims
   * @throws TenantTokenError when the token was issued in another tenant, or in none
   * @throws TenantContextMissingError when no tenant is current
   * @throws JsonWebTokenError and others of `JwtService.verify`
   */
  override verify<T extends object>(token: string, options?: JwtVerifyOptions): T {
    return assertTokenOfTenant(super.verify<T>(token, options));
  }

  /** Does what `verify` does, and rejects with its errors. */
  override async verifyAsync<T extends object>(
    token: string,
    options?: JwtVerifyOptions,
  ): Promise<T> {
    return assertTokenOfTenant(await super.verifyAsync<T>(token, options));
  }
}

function claimsOfTenant(payload: unknown): object {
  const { id } = tenantContext.require();
  if (typeof payload !== 'object' || payload === null || Buffer.isBuffer(payload)) {
    throw new TenancyOptionsError('TenantJwtService: payload', 'must be an object of claims');
  }
  const { [TENANT_CLAIM]: named = id } = payload as { readonly [TENANT_CLAIM]?: unknown };
  if (named === id) return { ...payload, [TENANT_CLAIM]: id };
  throw new TenancyOptionsError(
    `TenantJwtService: payload.${TENANT_CLAIM}`,
    'must not name another tenant than the current one',
  );
}
