// What is remembered of users: one look-up at a time for each, dropped when its tenant changes, and never what was
// read before a change and arrived after it.
import type { Repository } from 'typeorm';
import { UserDirectory } from './user-directory.js';
import type { User } from './user.entity.js';

const A = { id: 'aaaaaaaa-0000-4000-8000-000000000000', schema: 'a' };
const B = { id: 'bbbbbbbb-0000-4000-8000-000000000000', schema: 'b' };

/** A directory over answers that the spec gives when it wants, and over changes that it tells of. */
function setUp(): {
  readonly directory: UserDirectory;
  readonly asked: number[];
  readonly listeners: Set<(id?: string) => void>;
  readonly change: (id?: string) => void;
  readonly answer: (tokenVersion: number | undefined) => void;
} {
  const asked: number[] = [];
  const waiting: ((user: Partial<User> | null) => void)[] = [];
  const listeners = new Set<(id?: string) => void>();
  const users = {
    findOneBy: ({ id }: { id: number }) => {
      asked.push(id);
      return new Promise((resolve) => waiting.push(resolve));
    },
  } as unknown as Repository<User>;
  const changes = {
    onChange: (callback: (id?: string) => void) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
  };
  const directory = new UserDirectory(users, changes, { lifetimeMs: Infinity });
  return {
    directory,
    asked,
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

it('asks once for a user, whatever the number of requests, and remembers it', async () => {
  const { directory, asked, answer } = setUp();
  const found = [directory.find(A, version(0)), directory.find(A, version(0))];
  answer(0);
  for (const user of await Promise.all(found)) expect(user).toMatchObject({ username: 'ada' });
  expect(await directory.find(A, version(0))).toMatchObject({ username: 'ada' });
  expect(asked).toEqual([7]);
});

it('tells the users of two tenants apart', async () => {
  const { directory, asked, answer } = setUp();
  const [inA, inB] = [directory.find(A, version(0)), directory.find(B, version(0))];
  answer(0);
  answer(1);
  expect(await inA).toBeDefined();
  expect(await inB).toBeUndefined();
  expect(asked).toEqual([7, 7]);
});

it.each([
  ['its tenant', A.id, 2],
  ['any tenant', undefined, 2],
  ['another tenant', B.id, 1],
])('after a change of %s it asks anew, if that is its own', async (_which, id, questions) => {
  const { directory, asked, change, answer } = setUp();
  const first = directory.find(A, version(0));
  answer(0);
  await first;
  change(id);
  const second = directory.find(A, version(0));
  answer(1);
  expect((await second) === undefined).toBe(questions === 2);
  expect(asked).toHaveLength(questions);
});

it.each([A.id, undefined])('does not remember what was read before a change (%s)', async (id) => {
  const { directory, asked, change, answer } = setUp();
  const before = directory.find(A, version(0));
  change(id);
  answer(0);
  await before;
  const after = directory.find(A, version(0));
  answer(1);
  expect(await after).toBeUndefined();
  expect(asked).toEqual([7, 7]);
});

it('asks anew for a token that is newer than what it remembers', async () => {
  const { directory, asked, answer } = setUp();
  const first = directory.find(A, version(0));
  answer(0);
  await first;
  const newer = directory.find(A, version(1));
  await new Promise(setImmediate);
  answer(1);
  expect(await newer).toMatchObject({ username: 'ada' });
  expect(await directory.find(A, version(0))).toBeUndefined();
  expect(asked).toEqual([7, 7]);
});

it('knows nobody who is not there', async () => {
  const { directory, answer } = setUp();
  const nobody = directory.find(A, version(0));
  answer(undefined);
  expect(await nobody).toBeUndefined();
});

it('listens no more when the application ends', () => {
  const { directory, listeners } = setUp();
  expect(listeners.size).toBe(1);
  directory.onApplicationShutdown();
  expect(listeners.size).toBe(0);
});
