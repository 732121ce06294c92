// The context is entered by run() only: it nests, comes back after an exception, reaches all that is awaited or
// scheduled inside and nothing outside, and lets no invalid schema name in.
import { EventEmitter, once } from 'node:events';
import { SchemaNameInvalidError } from '../errors/schema-name-invalid.error.js';
import { TenantContextMissingError } from '../errors/tenant-context-missing.error.js';
import { TenantMismatchError } from '../errors/tenant-mismatch.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import { TenantContext } from './tenant-context.js';
import { BoundTenantScope, TenantScope } from './tenant-scope.js';

const A: Tenant = { id: '00000000-0000-4000-8000-00000000000a', schema: 'tenant_a' };
const B: Tenant = { id: '00000000-0000-4000-8000-00000000000b', schema: 'tenant_b' };

const context = new TenantContext();
const currentLater = async (): Promise<Tenant | undefined> => {
  await new Promise((resolve) => setImmediate(resolve));
  return context.current;
};

afterEach(() => expect(context.current).toBeUndefined());

it('has no tenant outside run(), and require() says what to do', () => {
  expect(context.current).toBeUndefined();
  expect(() => context.require()).toThrow(new TenantContextMissingError());
  for (const way of [
    'runner.run(schema, fn)',
    'runner.forEach(fn)',
    'tenantContext.run(tenant, fn)',
  ]) {
    expect(() => context.require()).toThrow(way);
  }
  expect(() => context.require()).toThrow(/^No tenant is current\. /);
});

it('gives the tenant inside run(), which returns what the work returns', () => {
  expect(context.run(A, () => [context.current, context.require()])).toEqual([A, A]);
});

it('nests, and restores the outer tenant', async () => {
  await context.run(A, async () => {
    expect(context.run(B, () => context.current)).toBe(B);
    expect(context.current).toBe(A);
    expect(await context.run(B, currentLater)).toBe(B);
    expect(context.current).toBe(A);
  });
});

it('restores the outer tenant after an exception and a rejection', async () => {
  const failure = new Error('failed');
  await context.run(A, async () => {
    expect(() =>
      context.run(B, () => {
        throw failure;
      }),
    ).toThrow(failure);
    expect(context.current).toBe(A);
    await expect(context.run(B, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(context.current).toBe(A);
  });
});

it('has no tenant inside runWithoutTenant(), even inside a tenant', async () => {
  await context.run(A, async () => {
    expect(context.runWithoutTenant(() => context.current)).toBeUndefined();
    expect(await context.runWithoutTenant(currentLater)).toBeUndefined();
    expect(context.runWithoutTenant(() => context.run(B, () => context.current))).toBe(B);
    expect(context.current).toBe(A);
  });
});

it('keeps the tenant in promises, timers, ticks and iterators that were begun inside', async () => {
  const after = (schedule: (callback: () => void) => unknown): Promise<Tenant | undefined> =>
    new Promise((resolve) => schedule(() => resolve(context.current)));
  const seen = await context.run(A, () =>
    Promise.all([
      Promise.resolve().then(() => context.current),
      after((callback) => setTimeout(callback, 0)),
      after(setImmediate),
      after(process.nextTick),
      after(queueMicrotask),
    ]),
  );
  expect(seen).toEqual([A, A, A, A, A]);
});

it('keeps concurrent work of two tenants apart', async () => {
  const seen = await Promise.all(
    [A, B, A, B].map((tenant) =>
      context.run(tenant, async () => [await currentLater(), await currentLater()]),
    ),
  );
  expect(seen).toEqual([A, B, A, B].map((tenant) => [tenant, tenant]));
});

it('gives an event listener the tenant of the emit, not of the registration', async () => {
  const emitter = new EventEmitter();
  const seen: (Tenant | undefined)[] = [];
  context.run(A, () => emitter.on('event', () => seen.push(context.current)));
  const heard = once(emitter, 'event');
  context.run(B, () => emitter.emit('event'));
  await heard;
  expect(seen).toEqual([B]);
});

it.each(['Tenant_a', 'public', '', 'a"; DROP SCHEMA b'])(
  'refuses the schema name %j before the work begins',
  (schema) => {
    const work = jest.fn();
    expect(() => context.run({ id: A.id, schema }, work)).toThrow(SchemaNameInvalidError);
    expect(work).not.toHaveBeenCalled();
  },
);

it('fills a scope that was entered before its tenant was known, once', () => {
  const scope = new TenantScope();
  const bound = new BoundTenantScope(scope);
  const fill = (tenant: Tenant): void => scope.resolve(tenant);
  context.runInScope(scope, () => {
    expect([context.current, bound.tenant]).toEqual([undefined, undefined]);
    fill(A);
    fill({ ...A });
    expect([context.current, bound.tenant]).toEqual([A, A]);
    expect(() => fill(B)).toThrow(TenantMismatchError);
    expect(() => fill({ ...A, schema: 'A' })).toThrow(SchemaNameInvalidError);
    expect(context.current).toEqual(A);
  });
  expect([scope.isBound, bound.isBound]).toEqual([false, true]);
});

it('acts as the owner inside runAsOwner, and as the tenant in a nested run', () => {
  const rights = (): unknown[] => [context.current, context.scope?.actsAsOwner ?? false];
  context.runAsOwner(A, () => {
    expect(rights()).toEqual([A, true]);
    expect(context.run(A, rights)).toEqual([A, false]);
    expect(context.runWithoutTenant(rights)).toEqual([undefined, false]);
    expect(context.runAsOwner(undefined, rights)).toEqual([undefined, true]);
  });
  expect(rights()).toEqual([undefined, false]);
  expect(() => context.runAsOwner({ ...A, schema: 'A' }, rights)).toThrow(SchemaNameInvalidError);
});

describe('readFromPrimary()', () => {
  const isOnPrimary = (): boolean => context.scope?.readsFromPrimary ?? false;

  it('keeps the tenant, also one that is resolved inside', () => {
    context.run(A, () => {
      expect(context.readFromPrimary(() => context.current)).toBe(A);
      expect([isOnPrimary(), context.readFromPrimary(isOnPrimary)]).toEqual([false, true]);
    });
    const scope = new TenantScope();
    context.runInScope(scope, () => context.readFromPrimary(() => context.scope?.resolve(B)));
    expect(scope.tenant).toEqual(B);
  });

  it('includes nested scopes, with and without a tenant', () => {
    context.readFromPrimary(() => {
      expect(context.current).toBeUndefined();
      expect(context.run(A, isOnPrimary)).toBe(true);
      expect(context.runWithoutTenant(() => context.run(A, isOnPrimary))).toBe(true);
    });
    expect(context.run(A, isOnPrimary)).toBe(false);
    expect(context.runAsOwner(A, () => context.run(B, isOnPrimary))).toBe(true);
  });
});
