import { JwtService, type JwtSignOptions, type JwtVerifyOptions } from '@nestjs/jwt';
import { assertTokenOfTenant, claimsOfTenant } from '../index.js';

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
   * @throws TenancyOptionsError if the payload is not an object, or names another tenant
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
    return verifiedOfTenant(super.verify<T>(token, options), options);
  }

  /** Does what `verify` does, and rejects with its errors. */
  override async verifyAsync<T extends object>(
    token: string,
    options?: JwtVerifyOptions,
  ): Promise<T> {
    return verifiedOfTenant(await super.verifyAsync<T>(token, options), options);
  }
}

function verifiedOfTenant<T>(verified: T, options: JwtVerifyOptions | undefined): T {
  const isComplete = options?.complete === true;
  assertTokenOfTenant(isComplete ? (verified as { readonly payload?: unknown }).payload : verified);
  return verified;
}
