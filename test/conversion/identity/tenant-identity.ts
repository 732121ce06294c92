// The guide's code that binds tokens, sessions and one-time links to their tenant.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { tenantContext } from 'nest-tenant-schemas';
import { assertTokenOfTenant, TenantJwtService } from 'nest-tenant-schemas/auth';
import { ExtractJwt, PassportStrategy, Strategy } from './passport-stand-in.js';

const SECRET = 'a secret of the guide'.padEnd(32, '.');

/** The claims of a token. */
interface Claims {
  readonly sub: string;
}

@Injectable()
export class TokenService {
  private readonly jwt = new TenantJwtService({ secret: SECRET, signOptions: { expiresIn: '1h' } });

  sign(userId: number): string {
    return this.jwt.sign({ sub: String(userId) });
  }
}

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({ jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), secretOrKey: SECRET });
  }

  validate(payload: Claims): { id: number } {
    const { sub } = assertTokenOfTenant(payload);
    return { id: Number(sub) };
  }
}

/** A request with a session, as express-session and @fastify/session give it. */
export interface SessionRequest {
  readonly session: { userId?: number; tenantId?: string };
}

/** Logs a user in. */
export function logIn({ session }: SessionRequest, userId: number): void {
  session.userId = userId;
  session.tenantId = tenantContext.require().id;
}

@Injectable()
export class SessionGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { session } = context.switchToHttp().getRequest<SessionRequest>();
    return session.userId !== undefined && session.tenantId === tenantContext.require().id;
  }
}

/** Signs what a link names, for the current tenant. */
export function signLink(userId: number, expiresAt: number): string {
  const content = JSON.stringify(['reset-password', tenantContext.require().id, userId, expiresAt]);
  return createHmac('sha256', SECRET).update(content).digest('base64url');
}

/** Returns whether a link is of the current tenant, and has not expired. */
export function isValidLink(userId: number, expiresAt: number, signature: string): boolean {
  const [given, right] = [Buffer.from(signature), Buffer.from(signLink(userId, expiresAt))];
  return given.length === right.length && timingSafeEqual(given, right) && Date.now() < expiresAt;
}
