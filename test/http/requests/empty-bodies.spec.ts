// Many clients send Content-Type: application/json with every request: where nothing has to be sent, an empty body is
// none, and where something has, the answer asks for it.
import {
  type PollBody,
  type PollsSetUp,
  setUpPolls,
  type TenantClient,
} from '../../polls/support.js';

const JSON_TYPE = { 'content-type': 'application/json' };

let polls: PollsSetUp;
let admin: TenantClient;
let poll: PollBody;

beforeAll(async () => {
  polls = await setUpPolls();
  admin = await polls.a.user('ada');
  poll = await admin.poll('Tea or coffee?', ['Tea']);
});

afterAll(() => polls.stop());

/** A request that is said to have JSON, and has nothing. */
const sendEmpty = (method: string, path: string): ReturnType<TenantClient['send']> =>
  admin.send(method, path, undefined, JSON_TYPE);

it.each([
  ['application/json', 201],
  ['application/json; charset=utf-8', 201],
  ['text/plain', 415],
])('a vote with Content-Type: %s and an empty body is %i', async (type, expected) => {
  await polls.database.sql('TRUNCATE a.votes');
  const path = `/polls/${poll.id}/choices/${poll.choices[0]?.id}/vote`;
  const { status } = await admin.send('POST', path, undefined, { 'content-type': type });
  expect(status).toBe(expected);
});

it('reads and deletes with that header and an empty body', async () => {
  const { id } = await admin.poll('To be deleted?');
  expect((await sendEmpty('GET', `/polls/${id}`)).status).toBe(200);
  expect((await sendEmpty('DELETE', `/polls/${id}`)).status).toBe(204);
});

it.each([
  ['POST', '/polls'],
  ['PUT', '/polls/1'],
  ['PATCH', '/polls/1'],
])(
  '%s %s asks for a body, whether it was to be JSON or not said to be anything',
  async (method, path) => {
    for (const headers of [JSON_TYPE, {}]) {
      expect(await admin.send(method, path, undefined, headers)).toEqual({
        status: 400,
        body: {
          statusCode: 400,
          code: 'VALIDATION_FAILED',
          message: 'The body must be a JSON object: {…} with the fields listed at /docs.',
        },
      });
    }
  },
);

it('takes a body of blanks for JSON that is not valid', async () => {
  expect(await admin.send('POST', '/polls', '  ')).toMatchObject({
    status: 400,
    body: { code: 'VALIDATION_FAILED', message: expect.stringContaining('not valid JSON') },
  });
});
