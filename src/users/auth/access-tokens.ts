import { createSecretKey } from 'node:crypto';
import { type Tenant, tenantContext } from 'nest-tenant-schemas';
import { TenantJwtService } from 'nest-tenant-schemas/auth';

/** Who issues the tokens, as they say themselves. */
export const ISSUER = 'nest-tenant-schemas';

/** What of a user a token is about. */
export interface TokenSubject {
  readonly id: number;
  readonly tokenVersion: number;
}

/** The claims of ours, as they travel. */
interface Claims {
  /** The user's id, as text: RFC 7519 wants that. */
  readonly sub?: unknown;
  /** The user's token version when it was issued. */
  readonly ver?: unknown;
  readonly exp?: unknown;
}

/**
 * Tokens of users: JWT by HS256, for one tenant, for a time. They say who somebody is; whether the user still
 * is one, in which role, and not logged out, only the tenant's table says.
 */
export class AccessTokens {
  /** One for each secret. The first one signs, all verify: so secrets are replaced without a logout. */
  private readonly services: readonly TenantJwtService[];

  /** @param ttlSeconds how long a token is good */
  constructor(
    secrets: readonly string[],
    private readonly ttlSeconds: number,
  ) {
    this.services = secrets.map(
      (secret) =>
        new TenantJwtService({
          secret: createSecretKey(Buffer.from(secret)),
          signOptions: { algorithm: 'HS256', issuer: ISSUER },
          // Pinned: what a token's own header says is never believed.
          verifyOptions: { algorithms: ['HS256'], issuer: ISSUER },
        }),
    );
  }

  /** @throws Error when there is no secret, as in commands */
  issue(
    tenant: Tenant,
    { id, tokenVersion }: TokenSubject,
  ): { readonly token: string; readonly expiresAt: Date } {
    const [service] = this.services;
    if (!service) throw new Error('There is no JWT_SECRET to sign a token with.');
    const exp = Math.floor(Date.now() / 1000) + this.ttlSeconds;
    const token = tenantContext.run(tenant, () =>
      service.sign({ ver: tokenVersion, exp }, { subject: String(id) }),
    );
    return { token, expiresAt: new Date(exp * 1000) };
  }

  /** Whom a token is about, or undefined when it is not good in this tenant, whatever the reason. */
  read(token: string, tenant: Tenant): TokenSubject | undefined {
    for (const service of this.services) {
      try {
        return subjectOf(tenantContext.run(tenant, () => service.verify<Claims>(token)));
      } catch {
        // By another secret, perhaps.
      }
    }
    return undefined;
  }
}

function subjectOf({ sub, ver, exp }: Claims): TokenSubject | undefined {
  const id = Number(sub);
  // The library lets one through that never expires. We issue none.
  if (!Number.isInteger(id) || !Number.isInteger(ver) || exp === undefined) return undefined;
  return { id, tokenVersion: ver as number };
}
