// Headers of all answers. Browsers do not render them, pages of other origins may not call the API, and caches do not store
// answers. CORS is off until origins are configured.
import { startApplication, type TestApplication } from '../../support/application.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

const APP = 'https://app.example.com';
const ELSEWHERE = 'https://elsewhere.example.com';

let database: TestDatabase;
let closed: TestApplication;
let open: TestApplication;
let tenant: string;

beforeAll(async () => {
  database = await createTestDatabase();
  closed = await startApplication(database.url);
  ({ id: tenant } = await closed.createTenant('Acme'));
  open = await startApplication(database.url, { CORS_ORIGINS: APP, TENANT_HEADER: 'X-Tenant' });
});

afterAll(async () => {
  await closed.close();
  await open.close();
  await database.drop();
});

async function headersOf(application: TestApplication, path: string, init: RequestInit = {}) {
  const { headers, status } = await fetch(application.url + path, init);
  return { status, headers: Object.fromEntries(headers) };
}

const preflight = (origin: string): RequestInit => ({
  method: 'OPTIONS',
  headers: {
    Origin: origin,
    'Access-Control-Request-Method': 'PUT',
    'Access-Control-Request-Headers': 'x-request-id,authorization',
  },
});

it.each([
  ['a good answer', '/health/live', 200],
  ['a refusal', '/polls', 400],
  ['an unknown path', '/nope', 404],
])('sends them with %s', async (_title, path, status) => {
  expect(await headersOf(closed, path)).toMatchObject({
    status,
    headers: {
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
    },
  });
});

it.each([
  ["a tenant's polls", '/polls', true, 200],
  ['a refusal', '/polls', false, 400],
  ['an unknown path', '/nope', true, 404],
])('lets no cache keep %s, and says whose answer it is', async (_title, path, isTenant, status) => {
  const init = isTenant ? { headers: { 'X-Request-ID': tenant } } : {};
  expect(await headersOf(closed, path, init)).toMatchObject({
    status,
    headers: { 'cache-control': 'no-store', vary: 'authorization, x-request-id' },
  });
});

it('lets no page call without CORS_ORIGINS', async () => {
  const { headers } = await headersOf(closed, '/health/live', { headers: { Origin: APP } });
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  expect((await headersOf(closed, '/polls', preflight(APP))).status).toBe(404);
});

it('lets pages of the named origins call, with every method and header of the API', async () => {
  const called = await headersOf(open, '/health/live', { headers: { Origin: APP } });
  expect(called.headers['access-control-allow-origin']).toBe(APP);
  expect(called.headers['access-control-allow-credentials']).toBeUndefined();
  expect(called.headers['vary']).toBe('authorization, x-tenant, Origin');
  const { status, headers } = await headersOf(open, '/polls', preflight(APP));
  expect(status).toBe(204);
  expect(headers).toMatchObject({
    'access-control-allow-origin': APP,
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
    'access-control-allow-headers': 'x-request-id,authorization',
  });
});

it('names no origin to a page of another one', async () => {
  const called = await headersOf(open, '/health/live', { headers: { Origin: ELSEWHERE } });
  expect(called.headers['access-control-allow-origin']).toBeUndefined();
  const asked = await headersOf(open, '/polls', preflight(ELSEWHERE));
  expect(asked.headers['access-control-allow-origin']).toBeUndefined();
});
