// The seed's walk, and all else that the API can do, with a client made of the server's OpenAPI document:
// node dist/walk.js <address> <operator key>. Prints which operations it called, as JSON.
import assert from 'node:assert/strict';
import { type Api, bad, called, clientOf, good } from './clients.js';

const [url = '', operatorKey = ''] = process.argv.slice(2);
const PASSWORD = 'a cup of tea at four';
const anyone = clientOf(url);
const operator = clientOf(url, { Authorization: `Bearer ${operatorKey}` });

/** A tenant's client; with a token, a user's. */
const tenantOf = (uuid: string, token?: string): Api =>
  clientOf(url, {
    'X-Request-ID': uuid,
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
  });

async function logIn(uuid: string, username: string): Promise<Api> {
  const body = { username, email: `${username}@example.com`, password: PASSWORD };
  assert.equal(good(await tenantOf(uuid).POST('/users', { body })).username, username);
  const login = await tenantOf(uuid).POST('/login', { body: { username, password: PASSWORD } });
  const { token, expires_at } = good(login);
  assert.ok(new Date(expires_at) > new Date());
  return tenantOf(uuid, token);
}

async function createTenants(): Promise<[string, string]> {
  const first = good(
    await operator.POST('/clients', {
      body: { tenant_name: 'Pollsmaster', schema_name: 'pollsmaster', paid_until: '2099-05-30' },
    }),
  );
  assert.deepEqual(
    [first.tenant_name, first.schema_name, first.paid_until, first.on_trial, first.access],
    ['Pollsmaster', 'pollsmaster', '2099-05-30', false, 'open'],
  );
  const second = good(await operator.POST('/clients', { body: { tenant_name: 'Rival' } }));
  return [first.tenant_uuid, second.tenant_uuid];
}

async function lookUp(uuid: string): Promise<void> {
  const body = { tenant_name: 'Pollsmaster' };
  const known = { tenant_uuid: uuid, tenant_name: 'Pollsmaster' };
  assert.deepEqual(good(await anyone.POST('/client', { body })), known);
  assert.deepEqual(good(await anyone.GET('/client', { params: { query: body } })), known);
}

async function vote(ada: Api, bob: Api, rival: Api): Promise<void> {
  const poll = good(
    await ada.POST('/polls', { body: { question: 'Tea or coffee?', choices: ['Tea'] } }),
  );
  const params = { path: { id: poll.id } };
  const coffee = good(
    await ada.POST('/polls/{id}/choices', { params, body: { choice_text: 'Coffee' } }),
  );
  assert.equal(poll.created_by?.username, 'ada');
  const path = { id: poll.id, choice_id: coffee.id };
  for (const user of [ada, bob]) {
    good(await user.POST('/polls/{id}/choices/{choice_id}/vote', { params: { path } }));
  }
  const again = await bob.POST('/polls/{id}/choices/{choice_id}/vote', { params: { path } });
  assert.equal(bad(again), '409 CONFLICT');

  const results = good(await bob.GET('/polls/{id}/results', { params }));
  assert.deepEqual(
    [results.total_votes, results.choices.map(({ choice_text, votes }) => [choice_text, votes])],
    [
      2,
      [
        ['Tea', 0],
        ['Coffee', 2],
      ],
    ],
  );
  assert.equal(good(await bob.GET('/polls/{id}/choices', { params })).items.length, 2);
  assert.deepEqual(good(await rival.GET('/polls')).items, []);
  assert.equal(bad(await rival.GET('/polls/{id}', { params })), '404 NOT_FOUND');
}

async function change(ada: Api, bob: Api): Promise<void> {
  const [poll] = good(await bob.GET('/polls', { params: { query: { limit: 1 } } })).items;
  assert.ok(poll);
  const params = { path: { id: poll.id } };
  const put = await bob.PUT('/polls/{id}', { params, body: { question: 'Mine?' } });
  assert.equal(bad(put), '403 FORBIDDEN');
  good(await ada.PUT('/polls/{id}', { params, body: { question: 'Coffee or tea?' } }));
  good(await ada.PATCH('/polls/{id}', { params, body: { question: 'Which one?' } }));
  assert.equal(good(await bob.GET('/polls/{id}', { params })).question, 'Which one?');
  assert.equal((await ada.DELETE('/polls/{id}', { params })).response.status, 204);
}

async function operate(first: string, second: string): Promise<void> {
  const names = good(await operator.GET('/clients')).items.map(({ tenant_name }) => tenant_name);
  assert.deepEqual(names, ['Pollsmaster', 'Rival']);
  const params = { path: { tenant_uuid: first } };
  const { usage } = good(await operator.GET('/clients/{tenant_uuid}', { params }));
  assert.deepEqual(usage, { polls: 0, users: 2 });
  good(await operator.PATCH('/clients/{tenant_uuid}', { params, body: { access: 'members' } }));
  const deletion = await operator.DELETE('/clients/{tenant_uuid}', {
    params: { path: { tenant_uuid: second }, query: { confirm: 'rival' } },
  });
  assert.equal(deletion.response.status, 204);
  assert.equal(bad(await anyone.GET('/clients')), '401 UNAUTHENTICATED');
}

const [first, second] = await createTenants();
await lookUp(first);
const [ada, bob] = [await logIn(first, 'ada'), await logIn(first, 'bob')];
assert.equal(good(await ada.GET('/users/me')).username, 'ada');
assert.equal(bad(await tenantOf(first).GET('/users/me')), '401 UNAUTHENTICATED');
await vote(ada, bob, tenantOf(second));
await change(ada, bob);
await operate(first, second);
good(await anyone.GET('/health/live'));
good(await anyone.GET('/health/ready'));
process.stdout.write(`${JSON.stringify([...called].toSorted())}\n`);
