// How many statements each request sends, counted by a proxy in front of the server: as many for a page of one poll
// as for a page of 50, and with a token as many as without.
import { type CountingProxy, startCountingProxy } from 'test-support/counting-proxy.js';
import { type PollsSetUp, setUpPolls, type TenantClient } from './support.js';

let proxy: CountingProxy;
let polls: PollsSetUp;
let admin: TenantClient;

beforeAll(async () => {
  polls = await setUpPolls(async (url) => {
    proxy = await startCountingProxy(url);
    return proxy.url;
  });
  await polls.database.sql(
    `INSERT INTO a.polls (question) SELECT 'Q' FROM generate_series(1, 60);
     INSERT INTO a.choices (choice_text, poll_id)
       SELECT 'C' || n, poll.id FROM a.polls AS poll, generate_series(1, 60) AS n`,
  );
  admin = await polls.a.user('admin');
  await polls.database.sql(`UPDATE a.users SET role = 'admin'`);
  // Resolves the tenant and the user, which are then kept in memory.
  await admin.send('GET', '/polls');
});

afterAll(async () => {
  await polls.stop();
  await proxy.close();
});

it.each([
  ['GET', '/polls?limit=1', 200, 1, undefined],
  ['GET', '/polls?limit=50', 200, 1, undefined],
  ['GET', '/polls/1', 200, 1, undefined],
  ['GET', '/polls/1/choices?limit=1', 200, 1, undefined],
  ['GET', '/polls/1/choices?limit=50', 200, 1, undefined],
  ['GET', '/polls/99/choices', 404, 2, undefined],
  ['GET', '/polls/1/results', 200, 1, undefined],
  // START TRANSACTION, a statement for each table, COMMIT.
  ['POST', '/polls', 201, 4, { question: 'Q', choices: ['x', 'y', 'z'] }],
  ['GET', '/polls/abc', 404, 0, undefined],
  ['POST', '/polls', 400, 0, {}],
])('%s %s (%i) sends %i statements', async (method, path, status, statements, body) => {
  for (const client of [polls.a, admin]) {
    proxy.reset();
    expect((await client.send(method, path, body)).status).toBe(status);
    expect(proxy.statements).toBe(statements);
  }
});

it.each([
  ['GET', '/users/me', 200, 0, undefined],
  // The poll as it is, and the change.
  ['PUT', '/polls/1', 200, 2, { question: 'Q' }],
  ['PATCH', '/polls/1', 200, 2, { question: 'Q' }],
  ['PATCH', '/polls/1', 200, 1, {}],
  ['POST', '/polls/1/choices', 201, 2, { choice_text: 'C' }],
  ['DELETE', '/polls/60', 204, 2, undefined],
  // The vote, and the choice as it is now.
  ['POST', '/polls/1/choices/1/vote', 201, 2, undefined],
  ['POST', '/polls/1/choices/1/vote', 409, 2, undefined],
])('%s %s (%i) of a user sends %i statements', async (method, path, status, statements, body) => {
  proxy.reset();
  expect((await admin.send(method, path, body)).status).toBe(status);
  expect(proxy.statements).toBe(statements);
});

it('asks for a user that is not known yet once, and for a token that is not good never', async () => {
  const member = await polls.a.user('member');
  proxy.reset();
  await Promise.all(Array.from({ length: 5 }, () => member.send('GET', '/users/me')));
  expect(proxy.statements).toBe(1);
  proxy.reset();
  expect((await polls.a.with(`${member.token}x`).send('GET', '/polls')).status).toBe(401);
  expect(proxy.statements).toBe(0);
});
