// Bodies nested more deeply than any route asks for: refused with the reason before anything walks through them, as
// that would overflow the stack.
import { type PollsSetUp, setUpPolls } from '../../polls/support.js';

const TOO_DEEP = {
  status: 400,
  body: {
    statusCode: 400,
    code: 'VALIDATION_FAILED',
    message: 'The body must not be nested deeper than 10 levels.',
  },
};

let polls: PollsSetUp;

beforeAll(async () => {
  polls = await setUpPolls();
});

afterAll(() => polls.stop());

/** A field with so many values around each other. */
const nested = (levels: number, open = '[', close = ']'): string =>
  open.repeat(levels) + (open === '[' ? '' : '1') + close.repeat(levels);

it.each([
  ['lists', nested(20_000)],
  ['objects', nested(12_000, '{"a":', '}')],
  ['lists, one level too many', nested(10)],
  ['objects beside what is flat', `[1,${nested(10, '{"a":', '}')}]`],
])('refuses %s with 400, whatever the route', async (_title, value) => {
  const { application, a } = polls;
  const body = `{"tenant_name":${value}}`;
  expect(await application.send('POST', '/client', { body })).toEqual(TOO_DEEP);
  expect(await a.send('POST', '/polls', `{"question":"Tea?","choices":${value}}`)).toEqual(
    TOO_DEEP,
  );
});

it('leaves what is nested within the limit to the rules on fields', async () => {
  const { body } = await polls.application.send('POST', '/client', {
    body: `{"tenant_name":${nested(9)}}`,
  });
  expect(body.details).toEqual([{ field: 'tenant_name', message: 'tenant_name must be a string' }]);
});

it('takes a query for flat, whatever its brackets say', async () => {
  const field = `a${'[b]'.repeat(1000)}`;
  const { status, body } = await polls.application.send('GET', `/client?tenant_name=x&${field}=1`);
  expect([status, body.details]).toEqual([
    400,
    [{ field, message: `${field} is not a known field` }],
  ]);
});
