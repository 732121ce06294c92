// A poll over HTTP, from its creation to its deletion: what each route answers, and what it leaves as it was.
import {
  noSuch,
  type PollBody,
  type PollsSetUp,
  setUpPolls,
  type TenantClient,
} from './support.js';

const ISO_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let polls: PollsSetUp;
let a: TenantClient;

beforeAll(async () => {
  polls = await setUpPolls();
  ({ a } = polls);
});

beforeEach(() => polls.database.sql('TRUNCATE a.polls, a.choices, a.votes RESTART IDENTITY'));

afterAll(() => polls.stop());

it('makes a poll with its choices, in their order', async () => {
  const before = Date.now();
  const answer = await a.send<PollBody>('POST', '/polls', {
    question: 'Tea or coffee?',
    choices: ['Tea', 'Coffee', 'Tea'],
  });
  expect(answer).toEqual({
    status: 201,
    body: {
      id: 1,
      question: 'Tea or coffee?',
      pub_date: expect.stringMatching(ISO_UTC),
      created_by: null,
      choices: [
        { id: 1, choice_text: 'Tea', votes: 0 },
        { id: 2, choice_text: 'Coffee', votes: 0 },
        { id: 3, choice_text: 'Tea', votes: 0 },
      ],
    },
  });
  expect(Math.abs(Date.parse(answer.body.pub_date) - before)).toBeLessThan(60_000);
});

it.each([
  ['no choices', { question: 'Why?' }],
  ['an empty list of choices', { question: 'Why?', choices: [] }],
])('makes a poll with %s', async (_title, body) => {
  expect(await a.send('POST', '/polls/', body)).toMatchObject({
    status: 201,
    body: { id: 1, question: 'Why?', choices: [] },
  });
});

it('makes a poll with 100 choices', async () => {
  const texts = Array.from({ length: 100 }, (_, index) => `choice ${index}`);
  const { choices } = await a.poll('Which?', texts);
  expect(choices.map(({ choice_text }) => choice_text)).toEqual(texts);
});

it('reads a poll as it was made', async () => {
  const poll = await a.poll('Tea or coffee?', ['Tea', 'Coffee']);
  expect(await a.send('GET', '/polls/1')).toEqual({ status: 200, body: poll });
  expect(await a.send('GET', '/polls/1/')).toEqual({ status: 200, body: poll });
});

it.each(['PUT', 'PATCH'])('changes the question by %s, and nothing else', async (method) => {
  const poll = await a.poll('Tea or coffee?', ['Tea', 'Coffee']);
  const other = await a.poll('Untouched?');
  const changed = { ...poll, question: 'Coffee or tea?' };
  expect(await a.send(method, '/polls/1', { question: 'Coffee or tea?' })).toEqual({
    status: 200,
    body: changed,
  });
  expect((await a.send('GET', '/polls/1')).body).toEqual(changed);
  expect((await a.send('GET', '/polls/2')).body).toEqual(other);
});

it('leaves a poll as it is by a PATCH that gives nothing', async () => {
  const poll = await a.poll();
  expect(await a.send('PATCH', '/polls/1', {})).toEqual({ status: 200, body: poll });
});

it('sets pub_date once: no request can give or change it', async () => {
  const { pub_date } = await a.poll();
  for (const [method, path] of [
    ['POST', '/polls'],
    ['PUT', '/polls/1'],
    ['PATCH', '/polls/1'],
  ] as const) {
    const body = { question: 'When?', pub_date: '2000-01-01T00:00:00.000Z' };
    expect((await a.send(method, path, body)).status).toBe(400);
  }
  await a.send('PUT', '/polls/1', { question: 'When?' });
  expect((await a.send('GET', '/polls/1')).body).toMatchObject({ question: 'When?', pub_date });
});

it('deletes a poll with its choices, and no other', async () => {
  await a.poll('First?', ['Yes']);
  const second = await a.poll('Second?', ['No']);
  expect(await a.send('DELETE', '/polls/1')).toEqual({ status: 204, body: undefined });
  expect(await a.send('GET', '/polls/1')).toEqual(noSuch('poll'));
  expect(await a.send('GET', '/polls')).toEqual({
    status: 200,
    body: { items: [second], next_cursor: null },
  });
  expect(await polls.database.sql('SELECT poll_id FROM a.choices')).toEqual([{ poll_id: 2 }]);
});

it('answers a second deletion with 404', async () => {
  await a.poll();
  expect((await a.send('DELETE', '/polls/1')).status).toBe(204);
  expect(await a.send('DELETE', '/polls/1')).toEqual(noSuch('poll'));
});

it('never gives an id twice', async () => {
  await a.poll();
  await a.send('DELETE', '/polls/1');
  expect((await a.poll()).id).toBe(2);
});

it('keeps texts as they are: spaces around, quotes, marks, other scripts', async () => {
  const texts = ['  spaced ', `'"; DROP TABLE polls; --`, '__tenant__', 'Naïve? 茶 🍵', 'a\n\tb'];
  for (const text of texts) {
    const { id } = await a.poll(text, [text]);
    expect((await a.send('GET', `/polls/${id}`)).body).toMatchObject({
      question: text,
      choices: [{ choice_text: text }],
    });
  }
});
