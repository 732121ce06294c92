// The list of polls in pages: oldest first, every poll once, whatever is added or deleted between two pages.
import {
  type PageBody,
  type PollBody,
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

beforeEach(() => polls.database.sql('TRUNCATE a.polls, a.choices, a.votes RESTART IDENTITY'));

afterAll(() => polls.stop());

/** Puts polls of two choices each in place, past the application. */
function addPolls(count: number): Promise<unknown> {
  return polls.database.sql(
    `INSERT INTO a.polls (question) SELECT 'Q' || n FROM generate_series(1, ${count}) AS n;
     INSERT INTO a.choices (choice_text, poll_id)
       SELECT text || poll.id, poll.id FROM a.polls AS poll, (VALUES ('x'), ('y')) AS texts (text)
       ORDER BY poll.id DESC, text`,
  );
}

async function page(query: string): Promise<PageBody<PollBody>> {
  return (await a.send<PageBody<PollBody>>('GET', `/polls${query}`)).body;
}

const idsOf = ({ items }: { items: PollBody[] }): number[] => items.map(({ id }) => id);

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

it('gives 20 polls when no limit is asked for, and a cursor to the next', async () => {
  await addPolls(21);
  const first = await page('');
  expect(idsOf(first)).toEqual(range(1, 20));
  const second = await page(`?cursor=${first.next_cursor}`);
  expect({ ids: idsOf(second), next: second.next_cursor }).toEqual({ ids: [21], next: null });
});

it.each([1, 2, 3, 7, 100])(
  'gives every poll once, with its choices, in pages of %i',
  async (limit) => {
    await addPolls(7);
    const listed = await a.all<PollBody>('/polls', limit);
    expect(listed.map(({ id }) => id)).toEqual(range(1, 7));
    expect(listed.map(({ choices }) => choices.map(({ choice_text }) => choice_text))).toEqual(
      range(1, 7).map((id) => [`x${id}`, `y${id}`]),
    );
  },
);

it('gives no cursor on a last page that is full', async () => {
  await addPolls(2);
  expect((await page('?limit=2')).next_cursor).toBeNull();
});

it('keeps its place when polls are deleted and added between two pages', async () => {
  await addPolls(6);
  const first = await page('?limit=2');
  await a.send('DELETE', '/polls/1');
  await a.send('DELETE', '/polls/2');
  await a.send('DELETE', '/polls/4');
  await a.poll('New?');
  const second = await page(`?limit=2&cursor=${first.next_cursor}`);
  expect(idsOf(second)).toEqual([3, 5]);
  const third = await page(`?limit=2&cursor=${second.next_cursor}`);
  expect({ ids: idsOf(third), next: third.next_cursor }).toEqual({ ids: [6, 7], next: null });
});

it('keeps the order when a poll was changed', async () => {
  await addPolls(3);
  await a.send('PATCH', '/polls/1', { question: 'Changed?' });
  expect(idsOf(await page(''))).toEqual([1, 2, 3]);
});

it.each(['/polls', '/polls/1/choices'])('refuses a limit that is none, at %s', async (path) => {
  await addPolls(1);
  for (const [limit, message] of [
    ['0', 'limit must not be less than 1'],
    ['101', 'limit must not be greater than 100'],
    ['999999999', 'limit must not be greater than 100'],
    ['abc', 'limit must be an integer number'],
    ['', 'limit must be an integer number'],
    ['-1', 'limit must be an integer number'],
    ['1.5', 'limit must be an integer number'],
    ['1e1', 'limit must be an integer number'],
    ['0x10', 'limit must be an integer number'],
    ['1&limit=2', 'limit must be an integer number'],
  ] as const) {
    expect(await a.send('GET', `${path}?limit=${limit}`)).toEqual(refused('limit', message));
  }
});

const encode = (cursor: string): string => Buffer.from(cursor).toString('base64url');

it.each([
  ['an empty one', ''],
  ['a word', 'nonsense'],
  ['an id', '1'],
  ['an encoded id', encode('1')],
  ['no id', encode('after:')],
  ['a negative id', encode('after:-1')],
  ['a fraction', encode('after:1.5')],
  ['an id that is too large', encode('after:2147483648')],
  ['an id of many digits', encode('after:99999999999')],
  ['an id written otherwise', encode('after:01')],
  ['one with something behind', `${encode('after:1')}!`],
  ['two cursors', `${encode('after:1')}&cursor=${encode('after:1')}`],
])('refuses a cursor that no list gave: %s', async (_title, cursor) => {
  await addPolls(1);
  for (const path of ['/polls', '/polls/1/choices']) {
    expect(await a.send('GET', `${path}?cursor=${cursor}`)).toEqual(refused('cursor'));
  }
});

it('refuses a query field it does not know', async () => {
  expect(await a.send('GET', '/polls?offset=5')).toEqual(
    refused('offset', 'offset is not a known field'),
  );
});
