// Every error code of the contract, each produced by a request over real HTTP. A code without a producer does not
// compile; one whose producer gives another answer fails.
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { ERROR_CODES, ERROR_STATUS, type ErrorCode } from '../../../src/http/errors/error-codes.js';
import { tenantContext } from 'nest-tenant-schemas';
import { AUTHORIZATION, OPERATOR_KEY } from '../../clients/support.js';
import { PASSWORD } from '../../polls/support.js';
import { type Answer, send, type Sent, startApplication } from '../../support/application.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { type FaultyApplication, startFaulty } from './faulty-application.js';
import { sendRaw } from '../requests/raw-request.js';

// Passwords are hashed slowly on purpose, on a machine with others.
jest.setTimeout(120_000);

let database: TestDatabase;
let application: FaultyApplication;
let tenant: string;

beforeAll(async () => {
  database = await createTestDatabase();
  application = await startFaulty(database.url, {
    adapter: { requestTimeoutMs: 500, timeoutCheckMs: 50 },
    variables: {
      OPERATOR_KEY,
      JWT_SECRET: 'x'.repeat(32),
    },
  });
  tenant = String((await operate('POST', '/clients', { tenant_name: 'Codes' })).body.tenant_uuid);
});

afterAll(async () => {
  await application.app.close();
  await database.drop();
});

const request = (method: string, path: string, sent: Sent = {}): Promise<Answer> =>
  send(application.url, method, path, sent);

const operate = (method: string, path: string, body?: unknown): Promise<Answer> =>
  request(method, path, { body, headers: AUTHORIZATION });

const get = (path: string, as?: string): Promise<Answer> =>
  request('GET', path, as === undefined ? {} : { tenant: as });

const raw = (bytes: string): Promise<Answer> =>
  sendRaw(application.url, bytes) as Promise<unknown> as Promise<Answer>;

/** The answer of another tenant's route, after the operator changed that tenant. */
async function after(name: string, change: Record<string, unknown>): Promise<Answer> {
  const made = await operate('POST', '/clients', { tenant_name: name });
  const uuid = String(made.body.tenant_uuid);
  await operate('PATCH', `/clients/${uuid}`, change);
  return get('/polls', uuid);
}

/** The header of a new user of the tenant. */
async function userHeader(username: string): Promise<Record<string, string>> {
  const user = { username, password: PASSWORD };
  await request('POST', '/users', { tenant, body: { ...user, email: 'a@example.com' } });
  const { body } = await request('POST', '/login', { tenant, body: user });
  return { authorization: `Bearer ${String(body.token)}` };
}

async function changeOthersPoll(): Promise<Answer> {
  const poll = await request('POST', '/polls', {
    tenant,
    body: { question: 'Mine?' },
    headers: await userHeader('ada'),
  });
  return request('DELETE', `/polls/${String(poll.body.id)}`, {
    tenant,
    headers: await userHeader('bob'),
  });
}

/** Of a tenant whose only connection is in use. */
async function exhaustPool(): Promise<Answer> {
  const other = await startApplication(database.url, {
    DATABASE_POOL_SIZE: '2',
    TENANT_MAX_CONNECTIONS: '1',
    DATABASE_WAIT_TIMEOUT_MS: '100',
  });
  const { id, schema } = await other.createTenant('Busy');
  const held = other.app.get(DataSource).createQueryRunner();
  await tenantContext.run({ id, schema }, () => held.connect());
  const answer = await send(other.url, 'GET', '/polls', { tenant: id });
  await held.release();
  await other.app.close();
  return answer as Answer;
}

async function withoutDatabase(): Promise<Answer> {
  const gone = await createTestDatabase();
  const other = await startFaulty(gone.url);
  await gone.drop();
  const answer = await send(other.url, 'GET', '/client?tenant_name=x');
  await other.app.close();
  return answer as Answer;
}

async function lookUpTooOften(): Promise<Answer> {
  const other = await startApplication(database.url, { RATE_LIMIT_LOOK_UP: '1' });
  const lookUp = (): Promise<Answer> =>
    send(other.url, 'GET', '/client?tenant_name=x') as Promise<Answer>;
  await lookUp();
  const answer = await lookUp();
  await other.app.close();
  return answer;
}

type Producer = () => Promise<Answer>;

/** Produced where a server is stopped: test/http/server/health.spec.ts. */
type Elsewhere = 'SHUTTING_DOWN';

const PRODUCERS: Readonly<Record<Exclude<ErrorCode, Elsewhere>, Producer>> = {
  TENANT_HEADER_MISSING: () => get('/polls'),
  TENANT_HEADER_INVALID: () => get('/polls', 'nonsense'),
  VALIDATION_FAILED: () => request('POST', '/polls', { tenant, body: {} }),
  UNAUTHENTICATED: () => get('/users/me', tenant),
  TENANT_EXPIRED: () => after('Expired', { paid_until: '2020-05-30' }),
  FORBIDDEN: changeOthersPoll,
  TENANT_SUSPENDED: () => after('Suspended', { suspended: true }),
  TENANT_NOT_FOUND: () => get('/polls', randomUUID()),
  NOT_FOUND: () => get('/polls/1000000', tenant),
  REQUEST_TIMEOUT: () => raw('POST /client HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n'),
  CONFLICT: () => operate('POST', '/clients', { tenant_name: 'codes' }),
  PAYLOAD_TOO_LARGE: () => request('POST', '/client', { body: 'x'.repeat(200_000) }),
  UNSUPPORTED_MEDIA_TYPE: () =>
    request('POST', '/client', { body: 'x', headers: { 'content-type': 'text/plain' } }),
  RATE_LIMITED: lookUpTooOften,
  HEADERS_TOO_LARGE: () => get('/polls', 'x'.repeat(20_000)),
  INTERNAL_ERROR: () => get('/fault/bug'),
  DATABASE_UNAVAILABLE: withoutDatabase,
  POOL_EXHAUSTED: exhaustPool,
};

it.each(Object.entries(PRODUCERS))('%s is an answer', async (code, produce) => {
  const { status, body } = await produce();
  expect([status, body]).toEqual([
    ERROR_STATUS[code as ErrorCode],
    expect.objectContaining({
      statusCode: status,
      code,
      message: expect.stringMatching(/\.$/),
    }),
  ]);
});

it('has every code there is, but for one of another spec', () => {
  expect(ERROR_CODES.filter((code) => !(code in PRODUCERS))).toEqual(['SHUTTING_DOWN']);
});
