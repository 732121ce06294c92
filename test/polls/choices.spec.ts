// The choices of a poll over HTTP: a choice belongs to its poll, and is listed and added there only.
import {
  type ChoiceBody,
  noSuch,
  type PollsSetUp,
  refused,
  setUpPolls,
  type TenantClient,
} from './support.js';

let polls: PollsSetUp;
let a: TenantClient;

beforeAll(async () => {
  polls = await setUpPolls();
  ({ a } = polls);
});

beforeEach(async () => {
  await polls.database.sql('TRUNCATE a.polls, a.choices, a.votes RESTART IDENTITY');
  await a.poll('Tea or coffee?', ['Tea', 'Coffee']);
  await a.poll('Other?', ['Yes']);
});

afterAll(() => polls.stop());

it('lists the choices of one poll', async () => {
  expect(await a.send('GET', '/polls/1/choices')).toEqual({
    status: 200,
    body: {
      items: [
        { id: 1, choice_text: 'Tea', votes: 0 },
        { id: 2, choice_text: 'Coffee', votes: 0 },
      ],
      next_cursor: null,
    },
  });
});

it('lists no choices of a poll that has none', async () => {
  await a.poll('Empty?');
  expect(await a.send('GET', '/polls/3/choices')).toEqual({
    status: 200,
    body: { items: [], next_cursor: null },
  });
});

it('adds a choice at the end of its poll', async () => {
  expect(await a.send('POST', '/polls/1/choices', { choice_text: 'Milk' })).toEqual({
    status: 201,
    body: { id: 4, choice_text: 'Milk', votes: 0 },
  });
  const texts = async (id: number): Promise<string[]> =>
    (await a.all<ChoiceBody>(`/polls/${id}/choices`, 10)).map(({ choice_text }) => choice_text);
  expect(await texts(1)).toEqual(['Tea', 'Coffee', 'Milk']);
  expect(await texts(2)).toEqual(['Yes']);
  expect((await a.send('GET', '/polls/1')).body).toMatchObject({
    choices: [{ id: 1 }, { id: 2 }, { id: 4 }],
  });
});

it('pages through the choices of a poll, past those of others', async () => {
  for (const choice_text of ['Milk', 'Water', 'Juice']) {
    await a.send('POST', '/polls/1/choices', { choice_text });
    await a.send('POST', '/polls/2/choices', { choice_text });
  }
  const listed = await a.all<ChoiceBody>('/polls/1/choices', 2);
  expect(listed.map(({ id }) => id)).toEqual([1, 2, 4, 6, 8]);
});

it('ends a list of choices whose rest was deleted between two pages', async () => {
  const { body } = await a.send('GET', '/polls/1/choices?limit=1');
  await polls.database.sql('DELETE FROM a.choices WHERE id = 2');
  expect(await a.send('GET', `/polls/1/choices?limit=1&cursor=${body.next_cursor}`)).toEqual({
    status: 200,
    body: { items: [], next_cursor: null },
  });
});

it('answers 404 for the choices of a poll that is not there', async () => {
  expect(await a.send('GET', '/polls/3/choices')).toEqual(noSuch('poll'));
  expect(await a.send('POST', '/polls/3/choices', { choice_text: 'Milk' })).toEqual(noSuch('poll'));
  await a.send('DELETE', '/polls/1');
  expect(await a.send('GET', '/polls/1/choices')).toEqual(noSuch('poll'));
  expect(await a.send('POST', '/polls/1/choices', { choice_text: 'Milk' })).toEqual(noSuch('poll'));
});

it.each([
  ['no text', {}, 'choice_text', 'choice_text must be a string'],
  ['null', { choice_text: null }, 'choice_text', 'choice_text must be a string'],
  ['a blank text', { choice_text: ' \n ' }, 'choice_text', 'choice_text must not be blank'],
  [
    'a text of 101 characters',
    { choice_text: 'x'.repeat(101) },
    'choice_text',
    'choice_text must be at most 100 characters long',
  ],
  ['votes', { choice_text: 'Milk', votes: 5 }, 'votes', 'votes is not a known field'],
  ['another poll', { choice_text: 'Milk', poll: 2 }, 'poll', 'poll is not a known field'],
])('refuses a choice with %s', async (_title, body, field, message) => {
  expect(await a.send('POST', '/polls/1/choices', body)).toEqual(refused(field, message));
  expect(await a.all('/polls/1/choices', 10)).toHaveLength(2);
});

it('refuses a choice more than 100 in a poll, and none in another poll', async () => {
  await polls.database.sql(
    `INSERT INTO a.choices (choice_text, poll_id) SELECT 'C' || n, 1 FROM generate_series(1, 97) AS n`,
  );
  expect((await a.send('POST', '/polls/1/choices', { choice_text: 'Last' })).status).toBe(201);
  expect(await a.send('POST', '/polls/1/choices', { choice_text: 'More' })).toEqual({
    status: 409,
    body: {
      statusCode: 409,
      code: 'CONFLICT',
      message: 'The poll already has the maximum of 100 choices. Create another poll.',
    },
  });
  expect(await a.all('/polls/1/choices', 100)).toHaveLength(100);
  expect((await a.send('POST', '/polls/2/choices', { choice_text: 'More' })).status).toBe(201);
});
