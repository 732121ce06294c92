// The directory: each id is asked for once at a time, remembered within bounds and lifetimes, unknown ids
// apart from tenants, and nothing is remembered that changed while it was read.
import { tenantContext } from '../context/tenant-context.js';
import { SchemaNameInvalidError } from '../errors/schema-name-invalid.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { TenantAnnouncer, TenantReader } from '../interfaces/tenant-registry.interface.js';
import { TenantDirectory, type TenantDirectoryOptions } from './tenant-directory.js';

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

function directoryOf(options?: TenantDirectoryOptions): [TenantDirectory, ScriptedRegistry] {
  const registry = new ScriptedRegistry();
  return [new TenantDirectory(registry, registry, options), registry];
}

it('asks once for many first uses at the same time', async () => {
  const [directory, registry] = directoryOf();
  const found = await Promise.all(Array.from({ length: 10 }, () => directory.find('a')));
  expect(found).toEqual(Array.from({ length: 10 }, () => A));
  expect(registry.asked).toEqual(['a']);
});

it('remembers unknown ids, too', async () => {
  const [directory, registry] = directoryOf();
  expect(await directory.find('unknown')).toBeUndefined();
  expect(await directory.find('unknown')).toBeUndefined();
  expect(registry.asked).toEqual(['unknown']);
});

it('does not let guesses evict tenants', async () => {
  const [directory, registry] = directoryOf({ maxTenants: 2, maxUnknownIds: 2 });
  await directory.find('a');
  for (let guess = 0; guess < 10; guess++) await directory.find(`unknown${guess}`);
  registry.asked.length = 0;
  expect(await directory.find('a')).toEqual(A);
  expect(registry.asked).toEqual([]);
});

it('holds at most as many tenants as it is told, and forgets the least recently used', async () => {
  const [directory, registry] = directoryOf({ maxTenants: 2 });
  for (const id of ['a', 'b', 'a', 'c']) await directory.find(id);
  registry.asked.length = 0;
  for (const id of ['a', 'c', 'b']) await directory.find(id);
  expect(registry.asked).toEqual(['b']);
});

it.each([
  ['a tenant', 'a', { tenantLifetimeMs: 20 }],
  ['an unknown id', 'unknown', { unknownLifetimeMs: 20 }],
])('asks again when %s has outlived its trust, and only then', async (_title, short, options) => {
  const [directory, registry] = directoryOf(options);
  const long = short === 'a' ? 'unknown' : 'a';
  await directory.find(short);
  await directory.find(long);
  while (registry.asked.length < 3) {
    await directory.find(short);
    await new Promise(setImmediate);
  }
  await directory.find(long);
  expect(registry.asked).toEqual([short, long, short]);
});

it('trusts tenants for another lifetime whenever the delivery of all changes is confirmed', async () => {
  const lifetimeMs = 50;
  const [directory, registry] = directoryOf({ tenantLifetimeMs: lifetimeMs });
  await directory.find('a');
  const read = performance.now();
  while (performance.now() - read < 3 * lifetimeMs) {
    directory.confirm();
    await new Promise(setImmediate);
  }
  directory.confirm();
  await directory.find('a');
  expect(registry.asked).toEqual(['a']);
  // Control: without confirmations the tenant outlives its trust.
  while (registry.asked.length < 2) {
    await directory.find('a');
    await new Promise(setImmediate);
  }
});

it('does not confirm what it was told has changed', async () => {
  const [directory, registry] = directoryOf();
  await directory.find('a');
  registry.announce('a');
  directory.confirm();
  await directory.find('a');
  expect(registry.asked).toEqual(['a', 'a']);
});

it.each([{}, { tenantLifetimeMs: 0 }])(
  'trusts tenants for less once its lifetime is limited, those it knows included (%j)',
  async (options) => {
    const [directory, registry] = directoryOf(options);
    await directory.find('a');
    directory.limitLifetime(20);
    await directory.find('a');
    expect(registry.asked).toEqual(['a', 'a']);
    while (registry.asked.length < 3) {
      await directory.find('a');
      await new Promise(setImmediate);
    }
    expect(registry.asked).toEqual(['a', 'a', 'a']);
  },
);

it('asks again for what the registry says has changed: one id, or all', async () => {
  const [directory, registry] = directoryOf();
  await directory.find('a');
  await directory.find('b');
  registry.announce('a');
  await directory.find('a');
  await directory.find('b');
  expect(registry.asked).toEqual(['a', 'b', 'a']);
  registry.announce();
  await directory.find('b');
  expect(registry.asked).toEqual(['a', 'b', 'a', 'b']);
});

it('does not remember what changed while it was read', async () => {
  const [directory, registry] = directoryOf();
  const { promise, resolve } = deferred<Tenant | undefined>();
  registry.answer = () => promise;
  const stale = directory.find('a');
  registry.announce('a');
  registry.answer = () => Promise.resolve(undefined);
  // Asked after the change: must not wait for the look-up that began before it.
  expect(await directory.find('a')).toBeUndefined();
  resolve(A);
  expect(await stale).toEqual(A);
  expect(await directory.find('a')).toBeUndefined();
});

it('does not remember a look-up that failed', async () => {
  const [directory, registry] = directoryOf();
  registry.answer = () => Promise.reject(new Error('the database is away'));
  await expect(directory.find('a')).rejects.toThrow('the database is away');
  registry.answer = () => Promise.resolve(A);
  expect(await directory.find('a')).toEqual(A);
});

it('refuses a tenant whose schema name breaks a rule', async () => {
  const [directory, registry] = directoryOf();
  registry.answer = () => Promise.resolve({ id: 'a', schema: 'public' });
  await expect(directory.find('a')).rejects.toThrow(SchemaNameInvalidError);
});

it('asks outside every tenant', async () => {
  const [directory, registry] = directoryOf();
  const seen: (string | undefined)[] = [];
  registry.answer = (id) => {
    seen.push(tenantContext.current?.schema);
    return Promise.resolve({ id, schema: 'tenant_a' });
  };
  await tenantContext.run(A, () => directory.find('other'));
  expect(seen).toEqual([undefined]);
});

it('trusts tenants for seconds only if no changes are announced, unless an option says otherwise', () => {
  const registry = new ScriptedRegistry();
  const lifetimeOf = (...[announcer, options]: [ScriptedRegistry?, TenantDirectoryOptions?]) =>
    new TenantDirectory(registry, announcer, options).lifetimeMs;
  expect(lifetimeOf(undefined)).toBe(5000);
  expect(lifetimeOf(undefined, { tenantLifetimeMs: 1000 })).toBe(1000);
  expect(lifetimeOf(undefined, { tenantLifetimeMs: 0 })).toBe(Infinity);
  expect(lifetimeOf(registry)).toBe(60_000);
});

it('ends its subscription when it is closed', () => {
  const [directory, registry] = directoryOf();
  expect(registry.hasListener).toBe(true);
  directory.close();
  expect(registry.hasListener).toBe(false);
});

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
