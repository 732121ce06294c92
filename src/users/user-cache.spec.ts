// Caching users: one concurrent look-up per user, eviction on a change of the tenant, and no stale user from a look-up that
// overlaps with a change.
import type { Repository } from 'typeorm';
import { UserCache } from './user-cache.js';
import type { User } from './user.entity.js';

const A = { id: 'aaaaaaaa-0000-4000-8000-000000000000', schema: 'a' };
const B = { id: 'bbbbbbbb-0000-4000-8000-000000000000', schema: 'b' };

/** Creates a cache. The spec answers its look-ups, and announces changes. */
function setUp(): {
  readonly cache: UserCache;
  readonly lookUps: number[];
  readonly listeners: Set<(id?: string) => void>;
  readonly change: (id?: string) => void;
  readonly answer: (tokenVersion: number | undefined) => void;
} {
  const lookUps: number[] = [];
  const waiting: ((user: Partial<User> | null) => void)[] = [];
  const listeners = new Set<(id?: string) => void>();
  const users = {
    findOneBy: ({ id }: { id: number }) => {
      lookUps.push(id);
      return new Promise((resolve) => waiting.push(resolve));
    },
  } as unknown as Repository<User>;
  const changes = {
    onChange: (callback: (id?: string) => void) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
  };
  const cache = new UserCache(users, changes, { lifetimeMs: Infinity });
  return {
    cache,
    lookUps,
    listeners,
    change: (id) => listeners.forEach((listener) => listener(id)),
    answer: (tokenVersion) =>
      waiting.shift()?.(
        tokenVersion === undefined
          ? null
          : { id: 7, username: 'ada', email: null, role: 'member', tokenVersion },
      ),
  };
}

const version = (tokenVersion: number): { id: number; tokenVersion: number } => ({
  id: 7,
  tokenVersion,
});

it('reads a user once for concurrent and later requests', async () => {
  const { cache, lookUps, answer } = setUp();
  const found = [cache.find(A, version(0)), cache.find(A, version(0))];
  answer(0);
  for (const user of await Promise.all(found)) expect(user).toMatchObject({ username: 'ada' });
  expect(await cache.find(A, version(0))).toMatchObject({ username: 'ada' });
  expect(lookUps).toEqual([7]);
});

it('separates the users of two tenants', async () => {
  const { cache, lookUps, answer } = setUp();
  const [inA, inB] = [cache.find(A, version(0)), cache.find(B, version(0))];
  answer(0);
  answer(1);
  expect(await inA).toBeDefined();
  expect(await inB).toBeUndefined();
  expect(lookUps).toEqual([7, 7]);
});

it.each([
  ['its tenant', A.id, 2],
  ['any tenant', undefined, 2],
  ['another tenant', B.id, 1],
])('after a change of %s reads a user again if it is affected', async (_which, id, count) => {
  const { cache, lookUps, change, answer } = setUp();
  const first = cache.find(A, version(0));
  answer(0);
  await first;
  change(id);
  const second = cache.find(A, version(0));
  answer(1);
  expect((await second) === undefined).toBe(count === 2);
  expect(lookUps).toHaveLength(count);
});

it.each([A.id, undefined])(
  'does not cache a user that was read before a change (%s)',
  async (id) => {
    const { cache, lookUps, change, answer } = setUp();
    const before = cache.find(A, version(0));
    change(id);
    answer(0);
    await before;
    const after = cache.find(A, version(0));
    answer(1);
    expect(await after).toBeUndefined();
    expect(lookUps).toEqual([7, 7]);
  },
);

it('reads a user again if the token is newer than the cached user', async () => {
  const { cache, lookUps, answer } = setUp();
  const first = cache.find(A, version(0));
  answer(0);
  await first;
  const newer = cache.find(A, version(1));
  await new Promise(setImmediate);
  answer(1);
  expect(await newer).toMatchObject({ username: 'ada' });
  expect(await cache.find(A, version(0))).toBeUndefined();
  expect(lookUps).toEqual([7, 7]);
});

it('returns undefined for an unknown user', async () => {
  const { cache, answer } = setUp();
  const unknown = cache.find(A, version(0));
  answer(undefined);
  expect(await unknown).toBeUndefined();
});

it('unsubscribes from changes when the application ends', () => {
  const { cache, listeners } = setUp();
  expect(listeners.size).toBe(1);
  cache.onApplicationShutdown();
  expect(listeners.size).toBe(0);
});
