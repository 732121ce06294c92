// Two tenants' polls over HTTP: neither sees, changes, deletes or counts what is the other's, on any route.
import { noSuch, type PollBody, type PollsSetUp, setUpPolls } from './support.js';

let polls: PollsSetUp;
let own: PollBody;
let foreign: PollBody;

beforeAll(async () => {
  polls = await setUpPolls();
});

beforeEach(async () => {
  await polls.database.sql(
    'TRUNCATE a.polls, a.choices, a.votes, b.polls, b.choices, b.votes RESTART IDENTITY; ALTER TABLE b.polls ALTER id RESTART WITH 50',
  );
  own = await polls.a.poll('Of a?', ['Yes']);
  foreign = await polls.b.poll('Of b?', ['No']);
});

afterAll(() => polls.stop());

const stored = (): Promise<unknown[]> =>
  polls.database.sql(
    'SELECT question, choice_text FROM b.polls JOIN b.choices ON poll_id = b.polls.id',
  );

it.each([
  ['GET', '', 200, undefined],
  ['PUT', '', 200, { question: 'Stolen?' }],
  ['PATCH', '', 200, { question: 'Stolen?' }],
  ['DELETE', '', 204, undefined],
  ['GET', '/choices', 200, undefined],
  ['POST', '/choices', 201, { choice_text: 'Stolen' }],
  ['GET', '/results', 200, undefined],
])(
  "answers %s /polls/{id}%s of the other tenant's id with 404 (own: %i)",
  async (method, suffix, ownStatus, body) => {
    const path = `/polls/${foreign.id}${suffix}`;
    expect(await polls.a.send(method, path, body)).toEqual(noSuch('poll'));
    expect(await stored()).toEqual([{ question: 'Of b?', choice_text: 'No' }]);
    // Control: it is there, for its own tenant.
    expect((await polls.b.send(method, path, body)).status).toBe(ownStatus);
  },
);

it('lists own polls only', async () => {
  expect((await polls.a.send('GET', '/polls')).body).toEqual({ items: [own], next_cursor: null });
  expect((await polls.b.send('GET', '/polls')).body).toEqual({
    items: [foreign],
    next_cursor: null,
  });
});

it('changes only the own one of two polls with the same id', async () => {
  await polls.database.sql('DELETE FROM b.polls; ALTER TABLE b.polls ALTER id RESTART WITH 1');
  await polls.b.poll('Of b?');
  await polls.a.send('PATCH', '/polls/1', { question: 'Changed?' });
  expect((await polls.b.send('GET', '/polls/1')).body).toMatchObject({ question: 'Of b?' });
  expect((await polls.a.send('DELETE', '/polls/1')).status).toBe(204);
  expect((await polls.b.send('GET', '/polls/1')).status).toBe(200);
});

it('keeps requests of both tenants apart that are under way at once', async () => {
  const made = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0 ? polls.a.poll(`a${index}`) : polls.b.poll(`b${index}`),
    ),
  );
  expect(made).toHaveLength(40);
  const firstLetters = async (tenant: 'a' | 'b'): Promise<Set<string | undefined>> => {
    const listed = await polls[tenant].all<PollBody>('/polls', 7);
    expect(listed).toHaveLength(21);
    return new Set(listed.slice(1).map(({ question }) => question[0]));
  };
  expect(await firstLetters('a')).toEqual(new Set(['a']));
  expect(await firstLetters('b')).toEqual(new Set(['b']));
});
