// Accounts over HTTP: registering, logging in and reading oneself, each tenant on its own; and a login that says and
// does the same whether the name or the password is wrong.
import { PasswordHasher } from '../../src/users/auth/password-hasher.js';
import {
  PASSWORD,
  type PollsSetUp,
  refused,
  setUpPolls,
  type TenantClient,
  unauthenticated,
} from '../polls/support.js';

let set: PollsSetUp;
let a: TenantClient;
let b: TenantClient;

beforeAll(async () => {
  set = await setUpPolls();
  ({ a, b } = set);
});

beforeEach(() => set.database.sql('TRUNCATE a.users, b.users RESTART IDENTITY CASCADE'));

afterAll(() => set.stop());

const ADA = { username: 'Ada', email: 'ada@example.com', password: PASSWORD };
const WRONG = unauthenticated('The username or the password is wrong.');

it('registers a member, and keeps of the password only an argon2id hash', async () => {
  expect(await a.send('POST', '/users', ADA)).toEqual({
    status: 201,
    body: { id: 1, username: 'Ada', email: 'ada@example.com' },
  });
  expect(await set.database.sql('SELECT * FROM a.users')).toEqual([
    {
      id: 1,
      username: 'Ada',
      email: 'ada@example.com',
      password_hash: expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/),
      role: 'member',
      token_version: 0,
      created_on: expect.any(Date),
    },
  ]);
});

it('gives a token for the right password, with which users read themselves', async () => {
  await a.send('POST', '/users', ADA);
  const before = Date.now();
  const { status, body } = await a.send<Record<string, string>>('POST', '/login', {
    username: 'ada',
    password: PASSWORD,
  });
  expect({ status, body }).toEqual({
    status: 200,
    body: { token: expect.any(String), expires_at: expect.stringMatching(/Z$/) },
  });
  const hours = (Date.parse(body.expires_at ?? '') - before) / 3_600_000;
  expect(Math.round(hours)).toBe(12);
  expect(await a.with(body.token).send('GET', '/users/me')).toEqual({
    status: 200,
    body: { id: 1, username: 'Ada', email: 'ada@example.com', role: 'member' },
  });
});

it.each(['Ada', 'ada', 'ADA'])('allows only one user with the name %s', async (username) => {
  await a.send('POST', '/users', ADA);
  expect(await a.send('POST', '/users', { ...ADA, username })).toEqual({
    status: 409,
    body: {
      statusCode: 409,
      code: 'CONFLICT',
      message: `The username "${username}" is taken. Choose another one.`,
    },
  });
});

it('gives a name to one of ten who want it at once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => a.send('POST', '/users', ADA)),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([
    201,
    ...Array.from({ length: 9 }, () => 409),
  ]);
});

it('lets one address belong to several, as none is verified', async () => {
  await a.send('POST', '/users', ADA);
  expect((await a.send('POST', '/users', { ...ADA, username: 'eve' })).status).toBe(201);
});

it('keeps the same name of two tenants apart', async () => {
  await a.send('POST', '/users', ADA);
  expect((await b.send('POST', '/users', { ...ADA, password: 'of the other' })).status).toBe(201);
  expect(await b.send('POST', '/login', { username: 'Ada', password: PASSWORD })).toEqual(WRONG);
  const inA = await a.login('Ada');
  const inB = await b.login('Ada', 'of the other');
  expect((await inA.send('GET', '/users/me')).status).toBe(200);
  expect((await inB.send('GET', '/users/me')).status).toBe(200);
  // The other tenant's, though both are user 1.
  for (const path of ['/users/me', '/polls']) {
    expect((await a.with(inB.token).send('GET', path)).status).toBe(401);
    expect((await b.with(inA.token).send('GET', path)).status).toBe(401);
  }
});

it.each([
  ['username', undefined],
  ['username', ''],
  ['username', 'ad a'],
  ['username', '.ada'],
  ['username', '\u0430da'],
  ['username', 'ada\u0000'],
  ['username', 'a'.repeat(101)],
  ['username', 7],
  ['email', undefined],
  ['email', null],
  ['email', 'ada'],
  ['email', 'ada\udc00@example.com'],
  ['email', 'a\udc00'],
  ['email', `ada@${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`],
  ['password', undefined],
  ['password', 'tea4two'],
  ['password', 'p'.repeat(201)],
  ['password', 'tea at four\u0000'],
  ['password', ['a cup of tea at four']],
  ['role', 'admin'],
  ['token_version', 1],
])('refuses a %s of %j', async (field, value) => {
  const answer = await a.send('POST', '/users', { ...ADA, [field]: value });
  expect(answer).toEqual(refused(field));
  expect(JSON.stringify(answer.body)).not.toContain(PASSWORD);
  expect(await set.database.sql('SELECT FROM a.users')).toEqual([]);
});

it.each(['a', 'a'.repeat(100), 'ada@example.com', '0_.-+@'])(
  'takes the name %s',
  async (username) => {
    expect(await a.send('POST', '/users', { ...ADA, username })).toMatchObject({
      status: 201,
      body: { username },
    });
  },
);

it.each([8, 200])('takes a password of %i characters', async (length) => {
  const password = 'p'.repeat(length);
  await a.send('POST', '/users', { ...ADA, password });
  expect((await a.send('POST', '/login', { username: 'Ada', password })).status).toBe(200);
});

it('says the same of an unknown name and of a wrong password, and verifies a hash for both', async () => {
  await a.send('POST', '/users', ADA);
  const verify = jest.spyOn(set.application.app.get(PasswordHasher), 'verify');
  for (const username of ['Ada', 'unknown']) {
    const answer = await a.send('POST', '/login', { username, password: 'another one' });
    expect(answer).toEqual(WRONG);
  }
  expect(verify.mock.calls).toEqual([
    [expect.stringMatching(/^\$argon2id\$/), 'another one'],
    [undefined, 'another one'],
  ]);
  verify.mockRestore();
});

it.each([
  ['password', ''],
  ['password', 'short'],
  ['username', 'no such name !'],
])(
  'answers a login whose %s is %j as any other that is wrong, or says what is missing',
  async (field, value) => {
    await a.send('POST', '/users', ADA);
    const sent = { username: 'Ada', password: PASSWORD, [field]: value };
    expect(await a.send('POST', '/login', sent)).toEqual(value === '' ? refused(field) : WRONG);
  },
);

it.each([{}, { username: 'Ada' }, { password: PASSWORD }, { username: 'Ada', password: 1 }])(
  'refuses the login %j',
  async (body) => {
    expect((await a.send('POST', '/login', body)).status).toBe(400);
  },
);
