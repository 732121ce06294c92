// The cache: each id is asked for once at a time, remembered within bounds and lifetimes, unknown ids
// apart from tenants, and nothing is remembered that changed while it was read.
import { tenantContext } from '../context/tenant-context.js';
import { SchemaNameInvalidError } from '../errors/schema-name-invalid.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { TenantAnnouncer, TenantReader } from '../interfaces/tenant-registry.interface.js';
import { TenantCache, type TenantCacheOptions } from './tenant-cache.js';

const A: Tenant = { id: 'a', schema: 'tenant_a' };

/** A registry whose answers the test gives, one look-up at a time. */
class ScriptedRegistry implements TenantReader, Pick<TenantAnnouncer, 'onChange'> {
  readonly asked: string[] = [];
  answer: (id: string) => Promise<Tenant | undefined> = (id) =>
    Promise.resolve(id.startsWith('unknown') ? undefined : { id, schema: `tenant_${id}` });
  private listener: ((id?: string) => void) | undefined;

  find(id: string): Promise<Tenant | undefined> {
    this.asked.push(id);
    return this.answer(id);
  }

  async *all(): AsyncGenerator<Tenant> {}

  onChange(callback: (id?: string) => void): () => void {
    this.listener = callback;
    return () => {
      this.listener = undefined;
    };
  }

  announce(id?: string): void {
    this.listener?.(id);
  }

  get hasListener(): boolean {
    return this.listener !== undefined;
  }
}

function cacheOf(options?: TenantCacheOptions): [TenantCache, ScriptedRegistry] {
  const registry = new ScriptedRegistry();
  return [new TenantCache(registry, registry, options), registry];
}

it('asks once for many first uses at the same time', async () => {
  const [cache, registry] = cacheOf();
  const found = await Promise.all(Array.from({ length: 10 }, () => cache.find('a')));
  expect(found).toEqual(Array.from({ length: 10 }, () => A));
  expect(registry.asked).toEqual(['a']);
});

it('remembers unknown ids, too', async () => {
  const [cache, registry] = cacheOf();
  expect(await cache.find('unknown')).toBeUndefined();
  expect(await cache.find('unknown')).toBeUndefined();
  expect(registry.asked).toEqual(['unknown']);
});

it('does not let guesses evict tenants', async () => {
  const [cache, registry] = cacheOf({ maxTenants: 2, maxUnknownIds: 2 });
  await cache.find('a');
  for (let guess = 0; guess < 10; guess++) await cache.find(`unknown${guess}`);
  registry.asked.length = 0;
  expect(await cache.find('a')).toEqual(A);
  expect(registry.asked).toEqual([]);
});

it('caches at most maxTenants tenants, and evicts the least recently used', async () => {
  const [cache, registry] = cacheOf({ maxTenants: 2 });
  for (const id of ['a', 'b', 'a', 'c']) await cache.find(id);
  registry.asked.length = 0;
  for (const id of ['a', 'c', 'b']) await cache.find(id);
  expect(registry.asked).toEqual(['b']);
});

it.each([
  ['a tenant', 'a', { tenantLifetimeMs: 20 }],
  ['an unknown id', 'unknown', { unknownLifetimeMs: 20 }],
])('asks again when %s has outlived its trust, and only then', async (_title, short, options) => {
  const [cache, registry] = cacheOf(options);
  const long = short === 'a' ? 'unknown' : 'a';
  await cache.find(short);
  await cache.find(long);
  while (registry.asked.length < 3) {
    await cache.find(short);
    await new Promise(setImmediate);
  }
  await cache.find(long);
  expect(registry.asked).toEqual([short, long, short]);
});

it('trusts tenants for another lifetime whenever the delivery of all changes is confirmed', async () => {
  const lifetimeMs = 50;
  const [cache, registry] = cacheOf({ tenantLifetimeMs: lifetimeMs });
  await cache.find('a');
  const read = performance.now();
  while (performance.now() - read < 3 * lifetimeMs) {
    cache.confirm();
    await new Promise(setImmediate);
  }
  cache.confirm();
  await cache.find('a');
  expect(registry.asked).toEqual(['a']);
  // Control: without confirmations the tenant outlives its trust.
  while (registry.asked.length < 2) {
    await cache.find('a');
    await new Promise(setImmediate);
  }
});

it('does not confirm a tenant whose change was announced', async () => {
  const [cache, registry] = cacheOf();
  await cache.find('a');
  registry.announce('a');
  cache.confirm();
  await cache.find('a');
  expect(registry.asked).toEqual(['a', 'a']);
});

it.each([{}, { tenantLifetimeMs: 0 }])(
  'trusts tenants for less once its lifetime is limited, those it knows included (%j)',
  async (options) => {
    const [cache, registry] = cacheOf(options);
    await cache.find('a');
    cache.setMaxAge(20);
    await cache.find('a');
    expect(registry.asked).toEqual(['a', 'a']);
    while (registry.asked.length < 3) {
      await cache.find('a');
      await new Promise(setImmediate);
    }
    expect(registry.asked).toEqual(['a', 'a', 'a']);
  },
);

it('asks again for what the registry says has changed: one id, or all', async () => {
  const [cache, registry] = cacheOf();
  await cache.find('a');
  await cache.find('b');
  registry.announce('a');
  await cache.find('a');
  await cache.find('b');
  expect(registry.asked).toEqual(['a', 'b', 'a']);
  registry.announce();
  await cache.find('b');
  expect(registry.asked).toEqual(['a', 'b', 'a', 'b']);
});

it('does not remember what changed while it was read', async () => {
  const [cache, registry] = cacheOf();
  const { promise, resolve } = deferred<Tenant | undefined>();
  registry.answer = () => promise;
  const stale = cache.find('a');
  registry.announce('a');
  registry.answer = () => Promise.resolve(undefined);
  // Asked after the change: must not wait for the look-up that began before it.
  expect(await cache.find('a')).toBeUndefined();
  resolve(A);
  expect(await stale).toEqual(A);
  expect(await cache.find('a')).toBeUndefined();
});

it('does not remember a look-up that failed', async () => {
  const [cache, registry] = cacheOf();
  registry.answer = () => Promise.reject(new Error('the database is away'));
  await expect(cache.find('a')).rejects.toThrow('the database is away');
  registry.answer = () => Promise.resolve(A);
  expect(await cache.find('a')).toEqual(A);
});

it('refuses a tenant whose schema name breaks a rule', async () => {
  const [cache, registry] = cacheOf();
  registry.answer = () => Promise.resolve({ id: 'a', schema: 'public' });
  await expect(cache.find('a')).rejects.toThrow(SchemaNameInvalidError);
});

it('asks outside every tenant', async () => {
  const [cache, registry] = cacheOf();
  const seen: (string | undefined)[] = [];
  registry.answer = (id) => {
    seen.push(tenantContext.current?.schema);
    return Promise.resolve({ id, schema: 'tenant_a' });
  };
  await tenantContext.run(A, () => cache.find('other'));
  expect(seen).toEqual([undefined]);
});

it('trusts tenants for 5 seconds if no changes are announced and no option is set', () => {
  const registry = new ScriptedRegistry();
  const lifetimeOf = (...[announcer, options]: [ScriptedRegistry?, TenantCacheOptions?]) =>
    new TenantCache(registry, announcer, options).lifetimeMs;
  expect(lifetimeOf(undefined)).toBe(5000);
  expect(lifetimeOf(undefined, { tenantLifetimeMs: 1000 })).toBe(1000);
  expect(lifetimeOf(undefined, { tenantLifetimeMs: 0 })).toBe(Infinity);
  expect(lifetimeOf(registry)).toBe(60_000);
});

it('ends its subscription when it is closed', () => {
  const [cache, registry] = cacheOf();
  expect(registry.hasListener).toBe(true);
  cache.close();
  expect(registry.hasListener).toBe(false);
});

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
