// The answers of every operation, held against the OpenAPI document: one that succeeds, and one without what it
// needs (a tenant, a token, a key, something to find). A list that lacks an operation fails.
import { randomUUID } from 'node:crypto';
import { createDocument } from '../../../src/http/openapi/serve-docs.js';
import { AUTHORIZATION, type OperatorSetUp, setUpOperator } from '../../clients/support.js';
import type { Answer, Sent } from '../../support/application.js';
import { type OpenApi, operationsOf } from '../open-api/open-api.js';
import { type AnswerCheck, answerCheckOf } from '../open-api/open-api-answers.js';

const USER = { username: 'ada', password: 'a cup of tea at four' };

let setUp: OperatorSetUp;
let document: OpenApi;
let check: AnswerCheck;
let tenant: string;
let token: string;

beforeAll(async () => {
  setUp = await setUpOperator();
  document = createDocument(setUp.application.app, 'X-Request-ID') as unknown as OpenApi;
  check = answerCheckOf(document);
  tenant = (await setUp.create({ tenant_name: 'Answers' })).tenant_uuid;
});

afterAll(() => setUp.stop());

const asUser = (body?: unknown): Sent => ({
  tenant,
  body,
  headers: { authorization: `Bearer ${token}` },
});
const asOperator = (body?: unknown): Sent => ({ body, headers: AUTHORIZATION });
const asNobody = (body?: unknown): Sent => ({ body });

/** An operation, the status of its answer, and what is sent; `path` where it is not the operation's own. */
type Case = readonly [operation: string, status: number, sent: () => Sent, path?: () => string];

/** In this order: what one makes, another finds. */
const CASES: readonly Case[] = [
  ['get /health/live', 200, asNobody],
  ['get /health/ready', 200, asNobody],
  ['post /client', 200, () => asNobody({ tenant_name: 'Answers' })],
  ['post /client', 404, () => asNobody({ tenant_name: 'Unknown' })],
  ['get /client', 200, asNobody, () => '/client?tenant_name=Answers'],
  ['get /client', 400, asNobody],
  ['post /users', 201, () => ({ tenant, body: { ...USER, email: 'ada@example.com' } })],
  ['post /users', 409, () => ({ tenant, body: { ...USER, email: 'ada@example.com' } })],
  ['post /login', 200, () => ({ tenant, body: USER })],
  ['post /login', 401, () => ({ tenant, body: { ...USER, password: 'another one' } })],
  ['get /users/me', 200, asUser],
  ['get /users/me', 401, () => ({ tenant })],
  ['post /polls', 201, () => asUser({ question: 'Tea?', choices: ['Yes', 'No'] })],
  ['post /polls', 400, () => asUser({})],
  ['get /polls', 200, asUser],
  ['get /polls', 400, asNobody],
  ['get /polls/{id}', 200, asUser],
  ['get /polls/{id}', 404, asUser, () => '/polls/99'],
  ['put /polls/{id}', 200, () => asUser({ question: 'Coffee?' })],
  ['put /polls/{id}', 401, () => ({ tenant, body: { question: 'Mine?' } })],
  ['patch /polls/{id}', 200, () => asUser({})],
  ['patch /polls/{id}', 404, () => asUser({}), () => '/polls/99'],
  ['post /polls/{id}/choices', 201, () => asUser({ choice_text: 'Both' })],
  ['post /polls/{id}/choices', 401, () => ({ tenant, body: { choice_text: 'None' } })],
  ['get /polls/{id}/choices', 200, asUser],
  ['get /polls/{id}/choices', 404, asUser, () => '/polls/99/choices'],
  ['post /polls/{id}/choices/{choice_id}/vote', 201, asUser],
  ['post /polls/{id}/choices/{choice_id}/vote', 409, asUser],
  ['get /polls/{id}/results', 200, asUser],
  ['get /polls/{id}/results', 404, asUser, () => '/polls/99/results'],
  ['delete /polls/{id}', 401, () => ({ tenant })],
  ['delete /polls/{id}', 204, asUser],
  ['post /clients', 201, () => asOperator({ tenant_name: 'Second' })],
  ['post /clients', 409, () => asOperator({ tenant_name: 'Second' })],
  ['get /clients', 200, asOperator],
  ['get /clients', 401, asNobody],
  ['get /clients/{tenant_uuid}', 200, asOperator],
  ['get /clients/{tenant_uuid}', 404, asOperator, () => `/clients/${randomUUID()}`],
  ['patch /clients/{tenant_uuid}', 200, () => asOperator({ access: 'members' })],
  ['patch /clients/{tenant_uuid}', 400, () => asOperator({ access: 'closed' })],
  ['delete /clients/{tenant_uuid}', 400, asOperator],
  ['delete /clients/{tenant_uuid}', 204, asOperator, () => `/clients/${tenant}?confirm=answers`],
];

const filled = (operation: string): string =>
  (operation.split(' ')[1] ?? '')
    .replace('{tenant_uuid}', tenant)
    .replace('{id}', '1')
    .replace('{choice_id}', '1');

it('has a success and a refusal of every operation, as documented', async () => {
  const problems: string[] = [];
  for (const [operation, status, sent, path] of CASES) {
    const method = (operation.split(' ')[0] ?? '').toUpperCase();
    const answer: Answer<{ token?: string }> = await setUp.application.send(
      method,
      path?.() ?? filled(operation),
      sent(),
    );
    token = answer.body?.token ?? token;
    const problem = check(operation, answer);
    if (answer.status !== status) problems.push(`${operation}: ${JSON.stringify(answer)}`);
    if (problem !== undefined) problems.push(problem);
  }
  expect(problems).toEqual([]);
});

it('lists every operation of the document', () => {
  const listed = new Set(CASES.map(([operation]) => operation));
  expect([...listed].toSorted()).toEqual(
    operationsOf(document)
      .map(({ name }) => name)
      .toSorted(),
  );
});

it('control: finds an answer that is not as documented', () => {
  const question = 1;
  const poll = { id: 1, question, pub_date: 'x', created_by: null, choices: [] };
  expect(check('get /polls/{id}', { status: 200, body: poll })).toMatch(/question must be string/);
  expect(check('get /polls/{id}', { status: 418, body: {} })).toMatch(/418 is not documented/);
});
