// Tokens of one tenant in another one: by the module that takes the place of JwtModule, and by the check of a strategy.
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JwtModule, JwtService } from '@nestjs/jwt';
import { tenantContext } from '../../src/index.js';
import {
  assertTokenOfTenant,
  TenantJwtModule,
  TenantJwtService,
  TenantTokenError,
} from '../../src/auth/index.js';
import { A, B } from '../tenancy/support.js';

const OPTIONS = { secret: 'a secret of the spec'.padEnd(32, '.') };

/** A service of the application, which knows no tenant. */
@Injectable()
class Logins {
  constructor(private readonly jwt: JwtService) {}

  issue(): Promise<string> {
    return this.jwt.signAsync({ sub: '1' }, { expiresIn: '1h' });
  }

  read(token: string): Promise<{ sub: string }> {
    return this.jwt.verifyAsync(token);
  }
}

async function open(imported: unknown): Promise<{ logins: Logins; jwt: JwtService }> {
  @Module({ imports: [imported as never], providers: [Logins] })
  class AppModule {}

  const application = await NestFactory.createApplicationContext(AppModule, { logger: false });
  return {
    logins: application.get(Logins),
    jwt: application.get(JwtService, { strict: false }),
  };
}

const inA = <T>(work: () => T): T => tenantContext.run(A, work);
const inB = <T>(work: () => T): T => tenantContext.run(B, work);

describe.each([
  ['register', () => TenantJwtModule.register(OPTIONS)],
  ['registerAsync', () => TenantJwtModule.registerAsync({ useFactory: () => OPTIONS })],
])('TenantJwtModule.%s', (_, imported) => {
  it('gives a service a JwtService whose tokens are of one tenant', async () => {
    const { logins } = await open(imported());
    const token = await inA(() => logins.issue());
    expect(await inA(() => logins.read(token))).toMatchObject({ sub: '1', tid: A.id });
    await expect(inB(() => logins.read(token))).rejects.toThrow(TenantTokenError);
  });
});

it('control: JwtModule accepts the token of a tenant in another one', async () => {
  const { logins } = await open(JwtModule.register(OPTIONS));
  const token = await inA(() => logins.issue());
  expect(await inB(() => logins.read(token))).toMatchObject({ sub: '1' });
});

describe('TenantJwtService', () => {
  const jwt = new TenantJwtService(OPTIONS);
  const plain = new JwtService(OPTIONS);

  it('signs and verifies at once as well', () => {
    const token = inA(() => jwt.sign({ sub: '1' }));
    expect(inA(() => jwt.verify(token))).toMatchObject({ sub: '1' });
    expect(() => inB(() => jwt.verify(token))).toThrow(TenantTokenError);
    expect(new TenantTokenError().getStatus()).toBe(401);
  });

  it('rejects a token that names no tenant', () => {
    const token = plain.sign({ sub: '1' });
    expect(() => inA(() => jwt.verify(token))).toThrow(TenantTokenError);
  });

  it('still rejects what JwtService rejects', () => {
    const token = inA(() => jwt.sign({ sub: '1' }, { expiresIn: '-1h' }));
    expect(() => inA(() => jwt.verify(token))).toThrow('jwt expired');
    const forged = new JwtService({ secret: 'another'.padEnd(32, '.') }).sign({ tid: A.id });
    expect(() => inA(() => jwt.verify(forged))).toThrow('invalid signature');
  });

  it.each([
    ['no tenant', () => jwt.sign({}), 'TENANT_CONTEXT_MISSING'],
    ['no tenant, to verify', () => jwt.verify(plain.sign({})), 'TENANT_CONTEXT_MISSING'],
    ['a text', () => inA(() => jwt.sign('text')), 'OPTIONS_INVALID'],
    ['a buffer', () => inA(() => jwt.sign(Buffer.from('text'))), 'OPTIONS_INVALID'],
    ['another tenant', () => inA(() => jwt.sign({ tid: B.id })), 'OPTIONS_INVALID'],
  ])('rejects %s', (_, work, code) => {
    expect(work).toThrow(expect.objectContaining({ code }));
  });
});

describe('assertTokenOfTenant', () => {
  it('returns the claims of a token of the current tenant', () => {
    const claims = { sub: '1', tid: A.id };
    expect(inA(() => assertTokenOfTenant(claims))).toBe(claims);
  });

  it.each([
    ['another tenant', { tid: B.id }],
    ['no tenant', { sub: '1' }],
    ['nothing', undefined],
  ])('rejects claims of %s', (_, claims) => {
    expect(() => inA(() => assertTokenOfTenant(claims))).toThrow(TenantTokenError);
  });
});
