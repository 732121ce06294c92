// Random inputs against every operation that takes a body, right and wrong by one thing, and against paths and
// queries: each is answered as documented, none with a 5xx, and nothing is stored that the document forbids.
import fc from 'fast-check';
import type { Answer } from '../../support/application.js';
import { AUTHORIZATION, type OperatorSetUp, setUpOperator } from '../../clients/support.js';
import { createDocument } from '../../../src/http/openapi/serve-docs.js';
import { allowed, type InputSchema, wrongByOne } from './fuzz-values.js';
import { type OpenApi, operationsOf, resolveRef } from '../open-api/open-api.js';
import { type AnswerCheck, answerCheckOf } from '../open-api/open-api-answers.js';

// Hundreds of requests, on a machine with others.
jest.setTimeout(300_000);

/** Runs of each operation, for each kind of input. */
const RUNS = 40;

const PASSWORD = 'a cup of tea at four';

let setUp: OperatorSetUp;
let document: OpenApi;
let check: AnswerCheck;
let tenant: string;
let token: string;
/** The tenant that operators' inputs change: it may become suspended. */
let changed: string;
/** Operations that took an input. */
const taken = new Set<string>();

beforeAll(async () => {
  setUp = await setUpOperator();
  document = createDocument(setUp.application.app, 'X-Request-ID') as unknown as OpenApi;
  check = answerCheckOf(document);
  tenant = (await setUp.create({ tenant_name: 'Fuzz', schema_name: 'fuzz' })).tenant_uuid;
  changed = (await setUp.create({ tenant_name: 'Changed' })).tenant_uuid;
  const user = { username: 'fuzz', password: PASSWORD };
  const { send } = setUp.application;
  await send('POST', '/users', { tenant, body: { ...user, email: 'fuzz@example.com' } });
  token = String((await send('POST', '/login', { tenant, body: user })).body.token);
  await send('POST', '/polls', {
    tenant,
    body: { question: 'Which?', choices: ['This'] },
    headers: { authorization: `Bearer ${token}` },
  });
});

afterAll(() => setUp.stop());

/** Sends a request as whom the operation is for, and returns what is wrong with the answer. */
async function problemOf(name: string, path: string, body?: unknown): Promise<string | undefined> {
  const [method = '', template = ''] = name.split(' ');
  const answer: Answer<unknown> = template.startsWith('/clients')
    ? await setUp.application.send(method.toUpperCase(), path, { body, headers: AUTHORIZATION })
    : await setUp.application.send(method.toUpperCase(), path, {
        tenant,
        body,
        headers: { authorization: `Bearer ${token}` },
      });
  if (answer.status < 300) taken.add(name);
  if (answer.status >= 500) return `${name}: ${JSON.stringify(answer)}`;
  return check(name, answer);
}

const filled = (path: string): string =>
  path.replace('{tenant_uuid}', changed).replace('{id}', '1').replace('{choice_id}', '1');

/** What is stored and must not be: text that is blank, too long or of control characters. */
async function forbidden(): Promise<unknown[]> {
  const bad = (column: string): string =>
    `${column} !~ '[^[:space:]]' OR length(${column}) > 100 OR ${column} ~ '[\\x01-\\x08\\x0e-\\x1f]'`;
  return setUp.database.sql(
    `SELECT question AS text FROM fuzz.polls WHERE ${bad('question')}
     UNION ALL SELECT choice_text FROM fuzz.choices WHERE ${bad('choice_text')}
     UNION ALL SELECT username FROM fuzz.users WHERE username !~ '^[A-Za-z0-9][A-Za-z0-9._@+-]*$'
     UNION ALL SELECT role FROM fuzz.users WHERE role <> 'member'
     UNION ALL SELECT name FROM public.clients WHERE ${bad('name')}`,
  );
}

interface BodyOperation {
  readonly requestBody?: { readonly content: { 'application/json': { schema: { $ref: string } } } };
}

/** Operations with a body, by name: known before the application is, so that each has a test. */
const WITH_BODY = [
  'post /client',
  'post /clients',
  'patch /clients/{tenant_uuid}',
  'post /users',
  'post /login',
  'post /polls',
  'put /polls/{id}',
  'patch /polls/{id}',
  'post /polls/{id}/choices',
];

it('is of every operation that takes a body', () => {
  const names = operationsOf(document)
    .filter(({ operation }) => operation.requestBody !== undefined)
    .map(({ name }) => name);
  expect(names.toSorted()).toEqual(WITH_BODY.toSorted());
});

describe.each(WITH_BODY)('%s', (name) => {
  const [method = '', path = ''] = name.split(' ');
  // A new tenant is a schema, and a password is hashed on purpose slowly.
  const numRuns = ['post /clients', 'post /users', 'post /login'].includes(name) ? RUNS / 4 : RUNS;

  const schemaOf = (): InputSchema => {
    const operation = document.paths[path]?.[method] as BodyOperation | undefined;
    const schema = operation?.requestBody?.content['application/json'].schema;
    return resolveRef(document, schema?.$ref ?? '') as InputSchema;
  };

  it.each([
    ['what it documents', allowed],
    ['what is wrong by one thing', wrongByOne],
  ])('answers %s as documented, and never with a 5xx', async (_title, inputs) => {
    await fc.assert(
      fc.asyncProperty(inputs(schemaOf()), async (body) => {
        expect(await problemOf(name, filled(path), body)).toBeUndefined();
      }),
      { numRuns },
    );
    expect(await forbidden()).toEqual([]);
  });
});

it('control: what is documented is taken, and not only refused', () => {
  const unknown = ['post /client', 'post /login'];
  expect(WITH_BODY.filter((name) => !taken.has(name))).toEqual(unknown);
});

it('answers any query and any id as documented', async () => {
  const odd = fc.oneof(
    fc.string({ unit: 'binary-ascii', maxLength: 20 }),
    fc.constantFrom('0', '-1', '1e3', '2147483648', '%00', '__proto__', 'constructor', '1;--'),
  );
  await fc.assert(
    fc.asyncProperty(odd, odd, async (key, value) => {
      const query = `?${encodeURIComponent(key)}=${encodeURIComponent(value)}&limit=${encodeURIComponent(value)}`;
      for (const path of ['/polls', '/polls/{id}/choices', '/clients']) {
        expect(await problemOf(`get ${path}`, filled(path) + query)).toBeUndefined();
      }
      const id = encodeURIComponent(value) || 'x';
      const { status } = await setUp.application.send('GET', `/polls/x${id}`, { tenant });
      expect(status).toBe(404);
    }),
    { numRuns: RUNS },
  );
});
