// Ids in paths: whatever is not the id of a poll is answered with the same 404, on every route.
import { noSuch, type PollsSetUp, setUpPolls } from './support.js';

let polls: PollsSetUp;

beforeAll(async () => {
  polls = await setUpPolls();
  await polls.a.poll('Is 1000 of 1e3?');
  await polls.database.sql('UPDATE a.polls SET id = 1000');
});

afterAll(() => polls.stop());

const question = { question: 'Q?' };

const ROUTES: [method: string, suffix: string, body?: unknown][] = [
  ['GET', ''],
  ['PUT', '', question],
  ['PATCH', '', question],
  ['PATCH', '', {}],
  ['DELETE', ''],
  ['GET', '/choices'],
  ['POST', '/choices', { choice_text: 'C' }],
  ['GET', '/results'],
];

describe.each(ROUTES)('%s /polls/{id}%s %j', (method, suffix, body) => {
  it.each([
    ['an id that nothing has', '77'],
    ['the largest id there can be', '2147483647'],
    ['zero', '0'],
    ['a negative number', '-1'],
    ['one more than the largest id', '2147483648'],
    ['20 digits', '10000000000000000000'],
    ['a word', 'abc'],
    ['a fraction', '1000.5'],
    ['an exponent', '1e3'],
    ['hexadecimal', '0x3e8'],
    ['a leading zero', '01000'],
    ['a plus', '%2B1000'],
    ['a space', '1000%20'],
    ['a fullwidth digit', '%EF%BC%91'],
    ['SQL', `1000%20OR%201=1`],
    ['NUL', '1000%00'],
  ])('answers %s with 404', async (_title, id) => {
    expect(await polls.a.send(method, `/polls/${id}${suffix}`, body)).toEqual(noSuch('poll'));
  });
});

it('control: the id itself is found', async () => {
  expect((await polls.a.send('GET', '/polls/1000')).status).toBe(200);
});
