// How many statements each request sends, counted by a proxy in front of the server: as many for a page of one poll
// as for a page of 50.
import { type CountingProxy, startCountingProxy } from '../support/counting-proxy.js';
import { type PollsSetUp, setUpPolls } from './support.js';

let proxy: CountingProxy;
let polls: PollsSetUp;

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
  // Resolves the tenant, which is then kept in memory.
  await polls.a.send('GET', '/polls');
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
  ['PUT', '/polls/1', 200, 2, { question: 'Q' }],
  ['PATCH', '/polls/1', 200, 2, { question: 'Q' }],
  ['POST', '/polls/1/choices', 201, 1, { choice_text: 'C' }],
  ['DELETE', '/polls/60', 204, 1, undefined],
  // START TRANSACTION, a statement for each table, COMMIT.
  ['POST', '/polls', 201, 4, { question: 'Q', choices: ['x', 'y', 'z'] }],
  ['GET', '/polls/abc', 404, 0, undefined],
  ['POST', '/polls', 400, 0, {}],
])('%s %s (%i) sends %i statements', async (method, path, status, statements, body) => {
  proxy.reset();
  expect((await polls.a.send(method, path, body)).status).toBe(status);
  expect(proxy.statements).toBe(statements);
});
