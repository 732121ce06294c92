// Tokens over HTTP: whatever is wrong with one is 401, also where a tenant is open to anyone; secrets are replaced
// without a logout; a logout is one at once.
import { createHmac } from 'node:crypto';
import { ISSUER } from '../../src/users/auth/access-tokens.js';
import { UsersService } from '../../src/users/users.service.js';
import { ClientRegistry } from '../../src/clients/registry/client-registry.js';
import { tenantContext } from 'nest-tenant-schemas';
import {
  PASSWORD,
  type PollsSetUp,
  setUpPolls,
  TenantClient,
  unauthenticated,
} from '../polls/support.js';
import { startApplication, TEST_JWT_SECRET } from '../support/application.js';

let set: PollsSetUp;
let ada: TenantClient;

beforeAll(async () => {
  set = await setUpPolls();
  ada = await set.a.user('ada');
});

afterAll(() => set.stop());

const BAD_TOKEN = unauthenticated(
  'The token is not valid in this tenant, or no longer valid. Log in again.',
);

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

interface Forged {
  readonly alg?: string;
  readonly key?: string;
  readonly sub?: string;
  readonly ver?: number;
  readonly tid?: string;
  readonly seconds?: number;
}

/** A token of user 1, made by hand; right where nothing is given. */
function forge({ alg = 'HS256', key = TEST_JWT_SECRET, seconds = 60, ...claims }: Forged): string {
  const exp = Math.floor(Date.now() / 1000) + seconds;
  const payload = { sub: '1', ver: 0, iss: ISSUER, tid: set.a.tenant, exp, ...claims };
  const signed = `${encode({ alg, typ: 'JWT' })}.${encode(payload)}`;
  if (alg === 'none') return `${signed}.`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

it('control: takes a token that is made by hand, if all of it is right', async () => {
  expect((await set.a.with(forge({})).send('GET', '/users/me')).body).toMatchObject({ id: 1 });
});

it.each<[string, () => Forged]>([
  ['alg none', () => ({ alg: 'none' })],
  ['a wrong key', () => ({ key: 'x'.repeat(32) })],
  ['the id of another tenant', () => ({ tid: set.b.tenant })],
  ['an end that is past', () => ({ seconds: -1 })],
  ['a user who is not there', () => ({ sub: '99' })],
  ['an older version', () => ({ ver: -1 })],
  ['a newer version', () => ({ ver: 1 })],
])('answers 401 to a token with %s', async (_what, forged) => {
  const client = set.a.with(forge(forged()));
  for (const [method, path] of [
    ['GET', '/users/me'],
    ['GET', '/polls'],
    ['POST', '/polls'],
  ] as const) {
    const body = method === 'POST' ? { question: 'Why?' } : undefined;
    expect(await client.send(method, path, body)).toEqual(BAD_TOKEN);
  }
});

it.each(['Bearer', 'Bearer ', 'Bearer a b', 'Basic YTpi', 'nonsense'])(
  'answers 401 to the header %j',
  async (authorization) => {
    const answer = await set.a.send('GET', '/polls', undefined, { authorization });
    expect(answer).toEqual(BAD_TOKEN);
  },
);

it('takes the name of the scheme in any case', async () => {
  const authorization = `bearer ${ada.token}`;
  const { status } = await set.a.send('GET', '/users/me', undefined, { authorization });
  expect(status).toBe(200);
});

it('names the scheme where one is missing', async () => {
  const response = await fetch(`${set.application.url}/users/me`, {
    headers: { 'X-Request-ID': set.a.tenant },
  });
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  expect(await response.json()).toEqual(
    unauthenticated('Log in at /login, and send the token: Authorization: Bearer <token>.').body,
  );
});

it('looks at no token where people register and log in: theirs may have expired', async () => {
  const stale = set.a.with('nonsense');
  const eve = { username: 'eve', email: 'eve@example.com', password: PASSWORD };
  expect((await stale.send('POST', '/users', eve)).status).toBe(201);
  expect((await stale.send('POST', '/login', { username: 'eve', password: PASSWORD })).status).toBe(
    200,
  );
});

it('looks at no token on public routes', async () => {
  const { status } = await set.application.send('GET', '/client?tenant_name=a', {
    headers: { authorization: 'Bearer nonsense' },
  });
  expect(status).toBe(200);
});

it('takes tokens of a secret that is replaced until that is taken away', async () => {
  const [old, next] = [TEST_JWT_SECRET, 'n'.repeat(32)];
  const statusWith = async (secrets: string, token: string | undefined): Promise<number> => {
    const application = await startApplication(set.database.url, { JWT_SECRET: secrets });
    try {
      const client = new TenantClient(application, set.a.tenant, token);
      return (await client.send('GET', '/users/me')).status;
    } finally {
      await application.close();
    }
  };
  expect(await statusWith(`${next},${old}`, ada.token)).toBe(200);
  expect(await statusWith(next, ada.token)).toBe(401);
});

/** Changes users of tenant a as a command does, in this process. */
async function change(username: string, changes: { role?: 'admin' | 'member' }): Promise<void> {
  const client = await set.application.app.get(ClientRegistry).find(set.a.tenant);
  if (!client) throw new Error('There is no tenant a.');
  await tenantContext.run(client, () =>
    set.application.app.get(UsersService).change(username, changes, () => Promise.resolve()),
  );
}

/** Asks until the answer is that; the test's own time limit ends a wait in vain. */
async function until(status: number, client: TenantClient): Promise<void> {
  while ((await client.send('GET', '/users/me')).status !== status) await new Promise(setImmediate);
}

it('logs only one user out, everywhere', async () => {
  const [grace, joan] = [await set.a.user('grace'), await set.a.user('joan')];
  await until(200, grace);
  await until(200, joan);
  await change('grace', {});
  await until(401, grace);
  expect((await joan.send('GET', '/users/me')).status).toBe(200);
  expect((await (await set.a.login('grace')).send('GET', '/users/me')).status).toBe(200);
});

it('gives a new role with the next token', async () => {
  const barbara = await set.a.user('barbara');
  await change('BARBARA', { role: 'admin' });
  await until(401, barbara);
  const { body } = await (await set.a.login('barbara')).send('GET', '/users/me');
  expect(body).toMatchObject({ username: 'barbara', role: 'admin' });
});

it('caches a user until a notification: a silent change is not noticed', async () => {
  const mary = await set.a.user('mary');
  await until(200, mary);
  await set.database.sql(`UPDATE a.users SET token_version = 1 WHERE username = 'mary'`);
  expect((await mary.send('GET', '/users/me')).status).toBe(200);
  await set.database.sql(`SELECT pg_notify('tenant_schemas_clients', $1)`, [set.a.tenant]);
  await until(401, mary);
});
