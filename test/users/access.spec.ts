// A tenant for members only needs a token for everything but logging in (who registers: registration.spec.ts), and which of
// several reasons to reject a request the answer names.
import {
  type PollsSetUp,
  setUpPolls,
  type TenantClient,
  unauthenticated,
} from '../polls/support.js';

let set: PollsSetUp;
let a: TenantClient;
let ada: TenantClient;
let grace: TenantClient;

beforeAll(async () => {
  set = await setUpPolls();
  ({ a } = set);
  ada = await a.user('ada');
  grace = await a.user('grace');
  await ada.poll('Tea or coffee?', ['Tea', 'Coffee']);
});

afterAll(() => set.stop());

/** Changes tenant a's row, and waits until the server knows. */
async function change(assignment: string, status: number): Promise<void> {
  await set.database.sql(`UPDATE public.clients SET ${assignment} WHERE schema = 'a'`);
  while ((await a.send('GET', '/polls')).status !== status) await new Promise(setImmediate);
}

const ROUTES: readonly (readonly [string, string, unknown, number])[] = [
  ['GET', '/polls', undefined, 200],
  ['POST', '/polls', { question: 'Why?' }, 201],
  ['GET', '/polls/1', undefined, 200],
  ['PUT', '/polls/1', { question: 'Why?' }, 200],
  ['PATCH', '/polls/1', { question: 'Why?' }, 200],
  ['GET', '/polls/1/choices', undefined, 200],
  ['POST', '/polls/1/choices', { choice_text: 'Milk' }, 201],
  ['GET', '/polls/1/results', undefined, 200],
  ['POST', '/polls/1/choices/1/vote', undefined, 201],
  ['GET', '/users/me', undefined, 200],
  ['DELETE', '/polls/1', undefined, 204],
];

it('needs a token for everything but registering and logging in if access is for members', async () => {
  await change(`access = 'members'`, 401);
  for (const [method, path, body] of ROUTES) {
    expect([path, await a.send(method, path, body)]).toEqual([path, unauthenticated()]);
  }
  // Before it is asked what is sent, or what is there.
  expect((await a.send('GET', '/polls/99')).status).toBe(401);
  expect((await a.send('POST', '/polls', {})).status).toBe(401);

  expect((await grace.send('GET', '/polls')).status).toBe(200);
  for (const [method, path, body, status] of ROUTES) {
    expect([path, (await ada.send(method, path, body)).status]).toEqual([path, status]);
  }
});

it('is open again, and another tenant is all the time', async () => {
  await change(`access = 'members'`, 401);
  expect((await set.b.send('GET', '/polls')).status).toBe(200);
  await change(`access = 'open'`, 200);
  expect((await a.send('POST', '/polls', { question: 'Anyone?' })).status).toBe(201);
  expect((await a.send('GET', '/users/me')).status).toBe(401);
});

it('reports an error of the tenant before one of the token', async () => {
  const sent = { headers: { authorization: 'Bearer nonsense' } };
  const { application } = set;
  expect((await application.send('GET', '/users/me', sent)).body.code).toBe(
    'TENANT_HEADER_MISSING',
  );
  expect(
    (await application.send('GET', '/users/me', { ...sent, tenant: 'nonsense' })).body.code,
  ).toBe('TENANT_HEADER_INVALID');
  const unknown = '00000000-0000-4000-8000-000000000000';
  expect((await application.send('GET', '/users/me', { ...sent, tenant: unknown })).body.code).toBe(
    'TENANT_NOT_FOUND',
  );
  await change('suspended = true', 403);
  for (const client of [ada, a.with('nonsense')]) {
    expect((await client.send('GET', '/users/me')).body.code).toBe('TENANT_SUSPENDED');
  }
  expect((await a.send('POST', '/login', { username: 'ada', password: 'x' })).body.code).toBe(
    'TENANT_SUSPENDED',
  );
  await change('suspended = false', 200);
});
