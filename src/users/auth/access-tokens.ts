import { createSecretKey } from 'node:crypto';
import { type Tenant, tenantContext } from 'nest-tenant-schemas';
import { TenantJwtService } from 'nest-tenant-schemas/auth';

/** Issuer of the tokens: their claim `iss`. */
export const ISSUER = 'nest-tenant-schemas';

/** The user of a token. */
export interface TokenSubject {
  readonly id: number;
  readonly tokenVersion: number;
}

/** Claims of a token of this application. */
interface Claims {
  /** The id of the user. RFC 7519 requires a text. */
  readonly sub?: unknown;
  /** The token version of the user at the time of issue. */
  readonly ver?: unknown;
  readonly exp?: unknown;
}

/**
 * Issues and verifies the tokens of users: JWTs signed with HS256, valid in one tenant and for a limited time. A token contains
 * only the id of the user. The tenant's table decides whether the user exists, in which role, and whether it is logged out.
 */
export class AccessTokens {
  /** One service for each secret. The first signs, and all verify, so a new secret logs no user out. */
  private readonly services: readonly TenantJwtService[];

  /** @param ttlSeconds lifetime of a token */
  constructor(
    secrets: readonly string[],
    private readonly ttlSeconds: number,
  ) {
    this.services = secrets.map(
      (secret) =>
        new TenantJwtService({
          secret: createSecretKey(Buffer.from(secret)),
          signOptions: { algorithm: 'HS256', issuer: ISSUER },
          // A fixed algorithm, because an attacker controls the header of a token.
          verifyOptions: { algorithms: ['HS256'], issuer: ISSUER },
        }),
    );
  }

  /** @throws Error if no secret is configured, as in commands */
  issue(
    tenant: Tenant,
    { id, tokenVersion }: TokenSubject,
  ): { readonly token: string; readonly expiresAt: Date } {
    const [service] = this.services;
    if (!service) throw new Error('No token can be signed: JWT_SECRET is not set.');
    const exp = Math.floor(Date.now() / 1000) + this.ttlSeconds;
    const token = tenantContext.run(tenant, () =>
      service.sign({ ver: tokenVersion, exp }, { subject: String(id) }),
    );
    return { token, expiresAt: new Date(exp * 1000) };
  }

  /** Returns the user of a token, or undefined if the token is not valid in this tenant for any reason. */
  read(token: string, tenant: Tenant): TokenSubject | undefined {
    for (const service of this.services) {
      try {
        return subjectOf(tenantContext.run(tenant, () => service.verify<Claims>(token)));
      } catch {
        // Another secret may have signed the token.
      }
    }
    return undefined;
  }
}

function subjectOf({ sub, ver, exp }: Claims): TokenSubject | undefined {
  const id = Number(sub);
  // The library accepts tokens that never expire. This application issues none.
  if (!Number.isInteger(id) || !Number.isInteger(ver) || exp === undefined) return undefined;
  return { id, tokenVersion: ver as number };
}
