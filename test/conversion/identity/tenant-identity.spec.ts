// The guide's code for tokens, sessions and one-time links: what one tenant issued, another one rejects, although both have
// a user of the same id. Controls: without the comparison each is accepted.
import { type ExecutionContext, UnauthorizedException } from '@nestjs/common';
import { tenantContext } from 'nest-tenant-schemas';
import { A, B } from '../../../packages/nest-tenant-schemas/test/tenancy/support.js';
import {
  isValidLink,
  JwtStrategy,
  logIn,
  SessionGuard,
  type SessionRequest,
  signLink,
  TokenService,
} from './tenant-identity.js';

const inA = <R>(work: () => R): R => tenantContext.run(A, work);
const inB = <R>(work: () => R): R => tenantContext.run(B, work);

describe('a token', () => {
  const request = (): { authorization: string } => ({
    authorization: `Bearer ${inA(() => new TokenService().sign(1))}`,
  });

  it('is valid in its tenant', () => {
    expect(inA(() => new JwtStrategy().authenticate(request()))).toEqual({ id: 1 });
  });

  it('is rejected in another tenant', () => {
    expect(() => inB(() => new JwtStrategy().authenticate(request()))).toThrow(
      UnauthorizedException,
    );
  });

  it('is rejected if it names no tenant, or several', () => {
    const { validate } = new JwtStrategy();
    for (const tid of [undefined, '', [A.id, B.id]]) {
      expect(() => inA(() => validate({ sub: '1', tid } as never))).toThrow(UnauthorizedException);
    }
  });

  it('control: is accepted in another tenant by a strategy that does not compare', () => {
    class Naive extends JwtStrategy {
      override validate({ sub }: { readonly sub: string }): { id: number } {
        return { id: Number(sub) };
      }
    }
    expect(inB(() => new Naive().authenticate(request()))).toEqual({ id: 1 });
  });
});

describe('a session', () => {
  const contextOf = (request: SessionRequest): ExecutionContext =>
    ({ switchToHttp: () => ({ getRequest: () => request }) }) as unknown as ExecutionContext;

  it('is valid in its tenant only', () => {
    const request: SessionRequest = { session: {} };
    const isAdmitted = (): boolean => new SessionGuard().canActivate(contextOf(request));
    expect(inA(isAdmitted)).toBe(false);
    inA(() => logIn(request, 1));
    expect([inA(isAdmitted), inB(isAdmitted)]).toEqual([true, false]);
  });
});

describe('a one-time link', () => {
  const hour = 3_600_000;

  it('is valid in its tenant only', () => {
    const expiresAt = Date.now() + hour;
    const signature = inA(() => signLink(1, expiresAt));
    const isValid = (): boolean => isValidLink(1, expiresAt, signature);
    expect([inA(isValid), inB(isValid)]).toEqual([true, false]);
  });

  it('is valid for its user and its time only', () => {
    const expiresAt = Date.now() + hour;
    const signature = inA(() => signLink(1, expiresAt));
    expect(inA(() => isValidLink(2, expiresAt, signature))).toBe(false);
    expect(inA(() => isValidLink(1, expiresAt + hour, signature))).toBe(false);
    const past = Date.now() - hour;
    expect(inA(() => isValidLink(1, past, signLink(1, past)))).toBe(false);
  });
});
