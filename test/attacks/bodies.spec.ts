// What a request carries beside its tenant: ids and cursors of another tenant, and JSON that aims at prototypes.
import {
  noSuch,
  type PageBody,
  type PollBody,
  type PollsSetUp,
  setUpPolls,
} from '../polls/support.js';

let polls: PollsSetUp;

beforeAll(async () => {
  polls = await setUpPolls();
  for (const question of ['One?', 'Two?', 'Three?']) await polls.a.poll(`A ${question}`);
  await polls.database.sql('ALTER TABLE b.polls ALTER id RESTART WITH 100');
  for (const question of ['One?', 'Two?', 'Three?']) await polls.b.poll(`B ${question}`);
});

afterAll(() => polls.stop());

const questions = (page: PageBody<PollBody>): string[] =>
  page.items.map(({ question }) => question);

it("gives a page of own polls only for another tenant's cursor", async () => {
  const { body: first } = await polls.b.send<PageBody<PollBody>>('GET', '/polls?limit=1');
  expect(first.next_cursor).not.toBeNull();
  const path = `/polls?limit=100&cursor=${first.next_cursor}`;
  const { body: own } = await polls.b.send<PageBody<PollBody>>('GET', path);
  expect(questions(own)).toEqual(['B Two?', 'B Three?']);
  const { status, body } = await polls.a.send<PageBody<PollBody>>('GET', path);
  expect([status, questions(body)]).toEqual([200, []]);
});

it.each([
  ['an id below all', 'after:0', 200],
  ['a negative id', 'after:-1', 400],
  ['an id out of range', 'after:9999999999', 400],
  ['another schema', 'b.after:1', 400],
  ['SQL', 'after:1 OR 1=1', 400],
  ['JSON', '{"id":1}', 400],
  ['NUL', 'after:1\0', 400],
])('answers a made up cursor of %s with own polls or a refusal', async (_, text, expected) => {
  const cursor = Buffer.from(text).toString('base64url');
  const { status, body } = await polls.a.send<PageBody<PollBody> & { code?: string }>(
    'GET',
    `/polls?cursor=${cursor}`,
  );
  expect(status).toBe(expected);
  expect(body.code ?? questions(body)).toEqual(
    expected === 200 ? ['A One?', 'A Two?', 'A Three?'] : 'VALIDATION_FAILED',
  );
});

it('answers ids of another tenant like unknown ids', async () => {
  for (const path of ['/polls/100', '/polls/100/choices', '/polls/100/results']) {
    expect(await polls.a.send('GET', path)).toEqual(noSuch('poll'));
    expect((await polls.b.send('GET', path)).status).toBe(200);
  }
});

it.each([
  ['__proto__', '{"question":"Mine?","__proto__":{"isAdmin":true}}'],
  ['__proto__ alone', '{"__proto__":{"question":"Mine?"}}'],
  ['an escaped __proto__', '{"question":"Mine?","\\u005f_proto__":{"isAdmin":true}}'],
  ['constructor.prototype', '{"question":"Mine?","constructor":{"prototype":{"isAdmin":true}}}'],
  ['__proto__ in a list', '{"question":"Mine?","choices":[{"__proto__":{"isAdmin":true}}]}'],
  ['fields of the entity', '{"question":"Mine?","id":100}'],
  ['fields of the tenant', '{"question":"Mine?","schema_name":"b","tenant_uuid":"b"}'],
  ['an operator instead of a text', '{"question":{"$ne":null}}'],
])('refuses a body with %s, and nothing is polluted or stored', async (_, body) => {
  const { status, body: answer } = await polls.a.send('POST', '/polls', body);
  expect([status, answer['code']]).toEqual([400, 'VALIDATION_FAILED']);
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  expect(await polls.database.sql(`SELECT 1 FROM a.polls WHERE question LIKE 'Mine%'`)).toEqual([]);
});
