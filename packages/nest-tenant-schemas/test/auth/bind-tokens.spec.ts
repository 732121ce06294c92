// Tokens of an application that keeps JwtModule and its strategy: the option `bindTokens` of TenantModule.
import { type DynamicModule, Inject, Injectable, Logger, Module, Scope } from '@nestjs/common';
import { ModuleRef, NestFactory, REQUEST } from '@nestjs/core';
import { JwtModule, JwtService } from '@nestjs/jwt';
import { TypeOrmModule } from '@nestjs/typeorm';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { TenantJwtModule, TenantTokenError } from '../../src/auth/index.js';
import { tenantContext, tenantDataSourceOptions, TenantModule } from '../../src/index.js';
import { A, B } from '../tenancy/support.js';

const OPTIONS = { secret: 'a secret of the spec'.padEnd(32, '.') };

/** Has what passport-jwt and PassportStrategy have. Passport calls `validate` with the claims of a valid token. */
class Strategy {
  readonly _jwtFromRequest = (): string => '';

  constructor(readonly _passReqToCallback = false) {}

  authenticate(...given: unknown[]): unknown {
    return this.validate(...given);
  }

  validate(...given: unknown[]): unknown {
    return given;
  }
}

@Injectable()
class PlainStrategy extends Strategy {}

@Injectable()
class StrategyWithRequest extends Strategy {
  constructor() {
    super(true);
  }
}

@Injectable()
class CheckingStrategy extends Strategy {
  override validate(payload: unknown): unknown {
    return { assertTokenOfTenant: payload };
  }
}

/** Has what a proxy provider of nestjs-cls has outside a request. */
@Injectable()
class Strict {
  constructor() {
    return new Proxy(this, {
      get(target, name) {
        if (name in target) return Reflect.get(target, name) as unknown;
        // Nest itself asks each provider for these.
        if (typeof name === 'symbol' || /^(?:then|on[A-Z]\w*|before\w*)$/.test(name))
          return undefined;
        throw new Error(`Cannot access the property "${name}".`);
      },
    });
  }
}

@Injectable({ scope: Scope.REQUEST })
class JwtServiceOfRequest extends JwtService {
  constructor(@Inject(REQUEST) readonly request: unknown) {
    super(OPTIONS);
  }
}

@Injectable({ scope: Scope.TRANSIENT })
class TransientJwtService extends JwtService {
  constructor(@Inject(ModuleRef) readonly modules: ModuleRef) {
    super(OPTIONS);
  }
}

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

interface Started {
  readonly jwt: JwtService;
  readonly strategy: Strategy;
  readonly strategyWithRequest: Strategy;
  readonly checking: Strategy;
  readonly warnings: readonly string[];
}

/** Runs work in an application with this option. */
async function withApplication(
  bindTokens: boolean | undefined,
  work: (started: Started) => unknown,
  tokens: DynamicModule = JwtModule.register(OPTIONS),
  providers: readonly (new (...args: never[]) => unknown)[] = [PlainStrategy, StrategyWithRequest],
): Promise<void> {
  @Module({ imports: [tokens], providers: [...providers] as never })
  class AuthModule {}

  @Module({
    imports: [
      TypeOrmModule.forRoot(tenantDataSourceOptions({ url: database.url, entities: [] })),
      TenantModule.forRoot({ registry: { tenants: [A, B] }, bindTokens }),
      AuthModule,
    ],
  })
  class AppModule {}

  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  const application = await NestFactory.createApplicationContext(AppModule, { logger: false });
  try {
    const optional = <T>(token: new (...args: never[]) => T): T | undefined =>
      providers.includes(token) ? application.get(token, { strict: false }) : undefined;
    await work({
      jwt: application.get(JwtService, { strict: false }),
      strategy: optional(PlainStrategy) as Strategy,
      strategyWithRequest: optional(StrategyWithRequest) as Strategy,
      checking: optional(CheckingStrategy) as Strategy,
      warnings: warn.mock.calls.map(([line]) => String(line)).filter((line) => /oken/.test(line)),
    });
  } finally {
    warn.mockRestore();
    await application.close();
  }
}

const inA = <T>(work: () => T): T => tenantContext.run(A, work);
const inB = <T>(work: () => T): T => tenantContext.run(B, work);

describe('bindTokens: true', () => {
  it('binds the tokens of JwtService to the tenant that signs them', () =>
    withApplication(true, async ({ jwt, warnings }) => {
      const token = await inA(() => jwt.signAsync({ sub: '1' }));
      expect(await inA(() => jwt.verifyAsync(token))).toMatchObject({ sub: '1', tid: A.id });
      await expect(inB(() => jwt.verifyAsync(token))).rejects.toThrow(TenantTokenError);
      const other = inA(() => jwt.sign({ sub: '1' }));
      expect(inA(() => jwt.verify(other))).toMatchObject({ sub: '1', tid: A.id });
      expect(() => inB(() => jwt.verify(other))).toThrow(TenantTokenError);
      expect(warnings).toEqual([]);
    }));

  it('reads the claims of a complete result', () =>
    withApplication(true, async ({ jwt }) => {
      const token = inA(() => jwt.sign({ sub: '1' }));
      expect(inA(() => jwt.verify(token, { complete: true }))).toMatchObject({
        payload: { sub: '1' },
      });
      expect(() => inB(() => jwt.verify(token, { complete: true }))).toThrow(TenantTokenError);
    }));

  it('rejects in tenants what was signed without one, and the other way round', () =>
    withApplication(true, ({ jwt }) => {
      const ofNone = jwt.sign({ sub: 'operator' });
      expect(jwt.verify(ofNone)).toMatchObject({ sub: 'operator' });
      expect(() => inA(() => jwt.verify(ofNone))).toThrow(TenantTokenError);
      const ofA = inA(() => jwt.sign({ sub: '1' }));
      expect(() => jwt.verify(ofA)).toThrow(TenantTokenError);
    }));

  it('does not let a caller name another tenant', () =>
    withApplication(true, async ({ jwt }) => {
      expect(() => inA(() => jwt.sign({ tid: B.id }))).toThrow('must not name another tenant');
      expect(() => jwt.sign({ tid: B.id })).toThrow('must not name another tenant');
      await expect(inA(() => jwt.signAsync('text'))).rejects.toThrow('must be an object of claims');
    }));

  it('checks the claims that a strategy receives, with and without the request', () =>
    withApplication(true, async ({ strategy, strategyWithRequest }) => {
      const claims = { sub: '1', tid: A.id };
      expect(await inA(() => strategy.authenticate(claims))).toEqual([claims]);
      await expect(inB(() => strategy.authenticate(claims))).rejects.toThrow(TenantTokenError);
      expect(await inA(() => strategyWithRequest.authenticate({}, claims))).toEqual([{}, claims]);
      const given = [{ tid: B.id }, claims] as const;
      await expect(inB(() => strategyWithRequest.authenticate(...given))).rejects.toThrow(
        TenantTokenError,
      );
    }));

  it('also binds a strategy whose source only names the check', () =>
    withApplication(
      true,
      async ({ checking }) => {
        await expect(inB(() => checking.authenticate({ tid: A.id }))).rejects.toThrow(
          TenantTokenError,
        );
      },
      JwtModule.register(OPTIONS),
      [CheckingStrategy],
    ));

  it.each([JwtServiceOfRequest, TransientJwtService])(
    'names the provider %p, which it cannot change',
    (provider) =>
      withApplication(
        true,
        ({ warnings }) => {
          expect(warnings).toEqual([expect.stringContaining(`${provider.name} (AuthModule)`)]);
        },
        JwtModule.register(OPTIONS),
        [provider],
      ),
  );
});

it.each([true, undefined])(
  'leaves proxies alone that throw for unknown properties (%s)',
  (option) =>
    withApplication(
      option,
      ({ warnings }) => {
        expect(warnings.join()).not.toContain('Strict');
      },
      JwtModule.register(OPTIONS),
      [Strict],
    ),
);

describe('without bindTokens', () => {
  it('warns of each provider, and changes none (control)', () =>
    withApplication(undefined, async ({ jwt, strategy, warnings }) => {
      expect(warnings).toEqual([
        expect.stringContaining(
          'PlainStrategy (AuthModule), StrategyWithRequest (AuthModule), JwtService (JwtModule). Set bindTokens: true',
        ),
      ]);
      const token = inA(() => jwt.sign({ sub: '1' }));
      expect(inB(() => jwt.verify(token))).toMatchObject({ sub: '1' });
      expect(await inB(() => strategy.authenticate({ tid: A.id }))).toEqual([{ tid: A.id }]);
    }));

  it('does not warn of tokens that are bound in the source', () =>
    withApplication(
      undefined,
      ({ warnings }) => {
        expect(warnings).toEqual([]);
      },
      TenantJwtModule.register(OPTIONS),
      [CheckingStrategy],
    ));

  it('does not warn if the option is false', () =>
    withApplication(false, ({ jwt, warnings }) => {
      expect(warnings).toEqual([]);
      expect(inB(() => jwt.verify(inA(() => jwt.sign({ sub: '1' }))))).toMatchObject({ sub: '1' });
    }));
});
