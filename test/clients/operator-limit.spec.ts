// An attacker cannot find the operator key by trying. After too many wrong keys, all requests of the address are rejected until the
// minute ends. Right keys are not counted.
import { startApplication, type TestApplication } from '../support/application.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { AUTHORIZATION, OPERATOR_KEY } from './support.js';

const WRONG = { authorization: `Bearer ${OPERATOR_KEY}x` };

let database: TestDatabase;
let application: TestApplication;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterEach(() => application.close());

afterAll(() => database.drop());

async function start(limit: string): Promise<void> {
  const variables = { OPERATOR_KEY, RATE_LIMIT_LOGIN: limit, TRUST_PROXY: '1' };
  application = await startApplication(database.url, variables);
}

/** The status of a list of tenants, asked for from an address. */
async function list(from: string, headers: Record<string, string>): Promise<number> {
  const sent = { headers: { 'X-Forwarded-For': from, ...headers } };
  return (await application.send('GET', '/clients', sent)).status;
}

it('refuses an address with 429 once it has sent too many wrong keys, also a right one, and no other address', async () => {
  await start('2');
  const at = '192.0.2.1';
  expect([await list(at, WRONG), await list(at, AUTHORIZATION), await list(at, WRONG)]).toEqual([
    401, 200, 401,
  ]);
  const refused = await fetch(`${application.url}/clients`, {
    headers: { 'X-Forwarded-For': at, ...WRONG },
  });
  expect([refused.status, await refused.json()]).toEqual([
    429,
    {
      statusCode: 429,
      code: 'RATE_LIMITED',
      message: 'Too many requests. Retry after the seconds in the Retry-After header.',
    },
  ]);
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(await list(at, AUTHORIZATION)).toBe(429);
  expect(await list('192.0.2.2', AUTHORIZATION)).toBe(200);
});

it('tries no more keys than the limit of those that are sent at once', async () => {
  await start('3');
  const statuses = await Promise.all(Array.from({ length: 20 }, () => list('192.0.2.1', WRONG)));
  expect(statuses.filter((status) => status === 401)).toHaveLength(3);
  expect(statuses.filter((status) => status === 429)).toHaveLength(17);
});

it('takes an IPv6 network for one address', async () => {
  await start('1');
  expect(await list('2001:db8::1', WRONG)).toBe(401);
  expect(await list('2001:db8::2', WRONG)).toBe(429);
  expect(await list('2001:db8:0:1::1', WRONG)).toBe(401);
});

it('counts neither right keys nor requests without one', async () => {
  await start('1');
  for (let n = 0; n < 5; n++) expect(await list('192.0.2.1', AUTHORIZATION)).toBe(200);
  for (let n = 0; n < 5; n++) expect(await list('192.0.2.1', {})).toBe(401);
  expect(await list('192.0.2.1', AUTHORIZATION)).toBe(200);
});

it('counts nothing with RATE_LIMIT_LOGIN=0', async () => {
  await start('0');
  for (let n = 0; n < 50; n++) expect(await list('192.0.2.1', WRONG)).toBe(401);
});
