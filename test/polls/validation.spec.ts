// What a poll may not be: each broken rule is answered with 400 and the field that broke it, and nothing is stored.
import { type PollsSetUp, refused, setUpPolls, type TenantClient } from './support.js';

let polls: PollsSetUp;
let a: TenantClient;

beforeAll(async () => {
  polls = await setUpPolls();
  ({ a } = polls);
  await a.poll('Unchanged?', ['Yes']);
});

afterEach(async () => {
  expect(await polls.database.sql('SELECT question FROM a.polls')).toEqual([
    { question: 'Unchanged?' },
  ]);
});

afterAll(() => polls.stop());

const BAD_QUESTIONS: [title: string, question: unknown, message: string][] = [
  ['null', null, 'question must be a string'],
  ['a number', 5, 'question must be a string'],
  ['a list', ['Q?'], 'question must be a string'],
  ['an object', { text: 'Q?' }, 'question must be a string'],
  ['an empty text', '', 'question must not be blank'],
  ['spaces and line breaks', ' \t\n ', 'question must not be blank'],
  ['no-break and zero-width spaces', '\u00A0\u200B\uFEFF', 'question must not be blank'],
  ['101 characters', 'q'.repeat(101), 'question must be at most 100 characters long'],
  ['101 emoji', '🍵'.repeat(101), 'question must be at most 100 characters long'],
  ['101 with spaces', ` ${'q'.repeat(100)}`, 'question must be at most 100 characters long'],
  ['51 pairs', '\u2764\uFE0F'.repeat(51), 'question must be at most 100 characters long'],
  ['NUL', 'a\0b', 'question must not contain control characters'],
  ['an escape', 'a\u001B[31mb', 'question must not contain control characters'],
  ['half a character', 'a\uD83C', 'question must not contain control characters'],
];

describe.each([
  ['POST', '/polls'],
  ['PUT', '/polls/1'],
  ['PATCH', '/polls/1'],
])('%s %s', (method, path) => {
  it.each(BAD_QUESTIONS)('refuses a question of %s', async (_title, question, message) => {
    expect(await a.send(method, path, { question })).toEqual(refused('question', message));
  });

  it.each(['id', 'author', 'created_by', '__proto__'])(
    'refuses the unknown field %s',
    async (field) => {
      const body = `{"question": "Q?", ${JSON.stringify(field)}: {"id": 1}}`;
      expect((await a.send(method, path, body)).status).toBe(400);
    },
  );

  it.each([
    ['no JSON', '{"question":'],
    ['a list', '[]'],
    ['a list of one', '[{"question": "Q?"}]'],
    ['null', 'null'],
    ['a string', '"Q?"'],
    ['a number', '5'],
    ['nothing', ''],
  ])('refuses a body that is %s', async (_title, body) => {
    const { status, body: answer } = await a.send(method, path, body);
    expect({ status, code: answer.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
  });
});

it.each(['POST', 'PUT'])('refuses a %s without a question', async (method) => {
  const path = method === 'POST' ? '/polls' : '/polls/1';
  expect(await a.send(method, path, {})).toEqual(refused('question', 'question must be a string'));
});

it.each([
  ['null', null],
  ['a text', 'Tea'],
  ['an object', { 0: 'Tea' }],
  ['101 of them', Array.from({ length: 101 }, () => 'Tea')],
  ['a number among them', ['Tea', 5]],
  ['a list among them', ['Tea', ['Coffee']]],
  ['null among them', ['Tea', null]],
  ['a blank one', ['Tea', ' ']],
  ['an empty one', ['Tea', '']],
  ['one of 101 characters', ['Tea', 'c'.repeat(101)]],
  ['one of 51 pairs', ['Tea', '\u2764\uFE0F'.repeat(51)]],
  ['NUL in one', ['Tea', 'a\0b']],
])('refuses choices that are %s', async (_title, choices) => {
  expect(await a.send('POST', '/polls', { question: 'Q?', choices })).toEqual(refused('choices'));
});

it.each(['PUT', 'PATCH'])(
  'refuses choices in a %s: they have routes of their own',
  async (method) => {
    expect(await a.send(method, '/polls/1', { question: 'Q?', choices: ['Tea'] })).toEqual(
      refused('choices', 'choices is not a known field'),
    );
  },
);

it('names every field that broke a rule', async () => {
  const { body } = await a.send('POST', '/polls', { question: '', choices: 'Tea', author: 'me' });
  expect((body.details as { field: string }[]).map(({ field }) => field).toSorted()).toEqual([
    'author',
    'choices',
    'question',
  ]);
});

it('control: takes 100 characters, of whatever length in bytes', async () => {
  for (const text of ['q'.repeat(100), '🍵'.repeat(100), '\u2764\uFE0F'.repeat(50)]) {
    const { id, question, choices } = await a.poll(text, [text]);
    expect({ question, choice: choices[0]?.choice_text }).toEqual({ question: text, choice: text });
    await a.send('DELETE', `/polls/${id}`);
  }
});
