import type { ModulesContainer } from '@nestjs/core';
import { assertTokenOfContext, assertVerified, claimsOfContext } from './token-of-tenant.js';

/** A provider that issues or verifies tokens: a `JwtService`, or a strategy of `passport-jwt`. */
export interface TokenService {
  /** The names of its class and of its module, for messages. */
  readonly name: string;
  /** Whether its source names what writes or checks the tenant, as that of `TenantJwtService`. It decides about a warning only. */
  readonly seemsBound: boolean;
  /** Whether Nest creates it only once. The engine cannot change an instance for each request, or for each injection. */
  readonly isSingleton: boolean;
  /** Makes the provider write the tenant into tokens, and reject those of another tenant. */
  bind(): void;
}

/** The methods of `JwtService` of `@nestjs/jwt`. */
interface JwtMethods {
  sign(payload: unknown, ...options: unknown[]): string;
  signAsync(payload: unknown, ...options: unknown[]): Promise<string>;
  verify(...args: unknown[]): unknown;
  verifyAsync(...args: unknown[]): Promise<unknown>;
}

/** What `passport-jwt` and `PassportStrategy` of `@nestjs/passport` have. */
interface JwtStrategy {
  readonly _passReqToCallback?: boolean;
  validate(...args: unknown[]): unknown;
}

/** Returns the providers of an application that issue or verify tokens. They are recognized by their methods. */
export function findTokenServices(modules: ModulesContainer): TokenService[] {
  const found = new Map<object, TokenService>();
  for (const { providers, name: moduleName } of modules.values()) {
    for (const wrapper of providers.values()) {
      const instance = wrapper.instance as unknown;
      if (typeof instance !== 'object' || instance === null || found.has(instance)) continue;
      const bind = bindingOf(instance);
      if (!bind) continue;
      found.set(instance, {
        name: `${instance.constructor.name} (${moduleName})`,
        seemsBound: seemsBound(instance),
        isSingleton: wrapper.isDependencyTreeStatic() && !wrapper.isTransient,
        bind,
      });
    }
  }
  return [...found.values()];
}

function seemsBound(instance: object): boolean {
  const { sign, validate } = instance as Partial<JwtMethods & JwtStrategy>;
  return /\b(?:assertTokenOfTenant|claimsOfTenant)\b/.test(`${String(sign)} ${String(validate)}`);
}

function bindingOf(instance: object): (() => void) | undefined {
  if (isJwtService(instance)) return () => bindJwtService(instance);
  if (isJwtStrategy(instance)) return () => bindStrategy(instance);
  return undefined;
}

function isJwtService(instance: object): instance is JwtMethods {
  return ['sign', 'signAsync', 'verify', 'verifyAsync'].every((name) => hasMethod(instance, name));
}

/** A request-scoped strategy is known by its prototype only. */
function isJwtStrategy(instance: object): instance is JwtStrategy {
  return '_jwtFromRequest' in instance && hasMethod(instance, 'validate');
}

/** Asks for the name first: a provider may be a proxy that throws for unknown properties, for example one of nestjs-cls. */
function hasMethod(instance: object, name: string): boolean {
  return name in instance && typeof (instance as Record<string, unknown>)[name] === 'function';
}

function bindJwtService(service: JwtMethods): void {
  const { sign, signAsync, verify, verifyAsync } = service;
  Object.assign(service, {
    sign: (payload: unknown, ...options: unknown[]) =>
      sign.call(service, claimsOfContext(payload), ...options),
    signAsync: async (payload: unknown, ...options: unknown[]) =>
      signAsync.call(service, claimsOfContext(payload), ...options),
    verify: (...args: unknown[]) => assertVerified(verify.apply(service, args), args),
    verifyAsync: async (...args: unknown[]) =>
      assertVerified(await verifyAsync.apply(service, args), args),
  } satisfies JwtMethods);
}

function bindStrategy(strategy: JwtStrategy): void {
  const { validate } = strategy;
  const place = strategy._passReqToCallback ? 1 : 0;
  Object.assign(strategy, {
    // Asynchronous, so that Passport receives the error as a rejection.
    validate: async (...args: unknown[]) => {
      assertTokenOfContext(args[place]);
      return validate.apply(strategy, args);
    },
  });
}
