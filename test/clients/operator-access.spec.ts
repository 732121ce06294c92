// The operator's routes require the operator key. All other requests are rejected.
import { randomUUID } from 'node:crypto';
import { startApplication } from '../support/application.js';
import { OPERATOR_KEY, type OperatorSetUp, setUpOperator } from './support.js';

let setUp: OperatorSetUp;

beforeAll(async () => {
  setUp = await setUpOperator();
});

afterAll(() => setUp.stop());

const ROUTES = [
  ['GET', '/clients', undefined],
  ['POST', '/clients', { tenant_name: 'Intruder' }],
  ['GET', `/clients/${randomUUID()}`, undefined],
  ['PATCH', `/clients/${randomUUID()}`, {}],
  ['DELETE', `/clients/${randomUUID()}?confirm=x`, undefined],
] as const;
const UNAUTHENTICATED = {
  statusCode: 401,
  code: 'UNAUTHENTICATED',
  message: 'Send the operator key, as Authorization: Bearer <OPERATOR_KEY>.',
};

it.each<[string, Record<string, string>]>([
  ['no header', {}],
  ['another key', { authorization: 'Bearer another-key-of-the-operator-test' }],
  ['a part of it', { authorization: `Bearer ${OPERATOR_KEY.slice(0, -1)}` }],
  ['it and more', { authorization: `Bearer ${OPERATOR_KEY}x` }],
  ['it in other letters', { authorization: `Bearer ${OPERATOR_KEY.toUpperCase()}` }],
  ['no key', { authorization: 'Bearer' }],
  ['no scheme', { authorization: OPERATOR_KEY }],
  ['another scheme', { authorization: `Basic ${OPERATOR_KEY}` }],
])('%s is 401, whatever the route, and says how to send it', async (_title, headers) => {
  for (const [method, path, body] of ROUTES) {
    const answer = await setUp.application.send(method, path, { body, headers });
    expect(answer).toEqual({ status: 401, body: UNAUTHENTICATED });
  }
});

it('names the scheme in the header of the answer', async () => {
  const { headers } = await fetch(`${setUp.application.url}/clients`);
  expect(headers.get('www-authenticate')).toBe('Bearer');
});

it('control: with it every one of these routes answers otherwise', async () => {
  for (const [method, path, body] of ROUTES) {
    expect((await setUp.operate(method, path, body)).status).not.toBe(401);
  }
});

it('rejects all requests on a server without a key', async () => {
  const application = await startApplication(setUp.database.url);
  try {
    for (const key of ['', 'undefined', 'null', OPERATOR_KEY]) {
      const headers = { authorization: `Bearer ${key}` };
      expect((await application.send('GET', '/clients', { headers })).status).toBe(401);
    }
  } finally {
    await application.close();
  }
});

it('looks at no tenant header', async () => {
  const { status } = await setUp.application.send('GET', '/clients', {
    tenant: 'nonsense',
    headers: { authorization: `bearer  ${OPERATOR_KEY}` },
  });
  expect(status).toBe(200);
});
