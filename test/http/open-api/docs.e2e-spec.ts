// The OpenAPI document and its user interface, of a real server whose tenant header has another name: the
// document is whole, and the errors in it are what the server answers, word for word.
import { readFileSync } from 'node:fs';
import { type RunningServer, startServer } from '../../support/processes.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { examplesOf, type OpenApi, operationsOf, refsOf, resolveRef } from './open-api.js';

const HEADER = 'X-Tenant-ID';
const NOBODY = '00000000-0000-4000-8000-000000000000';

let database: TestDatabase;
let server: RunningServer;
let document: OpenApi;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startServer({ DATABASE_URL: database.url, TENANT_HEADER: HEADER });
  document = (await (await fetch(`${server.url}/docs-json`)).json()) as OpenApi;
}, 120_000);

afterAll(async () => {
  await server?.stop('SIGTERM');
  await database.drop();
});

const isPublic = (path: string): boolean => /^\/(?:client|health)(?:\/|$)/.test(path);
const isOperators = (path: string): boolean => path.startsWith('/clients');

/** What an operation must say that it needs: each a way in. */
function securityOf(name: string, path: string): unknown {
  const [tenant, user, operator] = [{ tenant: [] }, { tenant: [], user: [] }, { operator: [] }];
  if (isPublic(path)) return [];
  if (isOperators(path)) return [operator];
  if (name === 'post /users') return [tenant, user, { tenant: [], operator: [] }];
  if (name === 'post /login') return [tenant];
  return path === '/users/me' || path.endsWith('/vote') ? [user] : [tenant, user];
}

it('shows the user interface at /docs, with all that it needs, whatever the tenant header says', async () => {
  const headers = { [HEADER]: 'nonsense' };
  for (const path of ['/docs', '/docs/', '/docs-json', '/docs-yaml']) {
    expect([path, (await fetch(server.url + path, { headers })).status]).toEqual([path, 200]);
  }
  const page = await (await fetch(`${server.url}/docs`)).text();
  const files = [...page.matchAll(/(?:src|href)="(\.\/[^"]+)"/g)].map(([, file]) => String(file));
  expect(files).toContain('./docs/swagger-ui-bundle.js');
  for (const file of files) {
    const { status, headers: sent } = await fetch(new URL(file, `${server.url}/docs`));
    expect([file, status]).toEqual([file, 200]);
    expect(sent.get('cache-control')).not.toBe('no-store');
  }
});

it.each(['/api', '/api-json', '/swagger', '/openapi.json', '/docs/json'])(
  'has nothing of it at %s',
  async (path) => {
    expect((await fetch(server.url + path)).status).toBe(404);
  },
);

it('says what it documents, and how to begin', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(document.openapi).toBe('3.0.0');
  expect(document.info).toMatchObject({ title: 'Tenant polls', version });
  expect(document.info.description).toContain(`in the ${HEADER} header`);
  expect(document.components.securitySchemes).toEqual({
    user: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description:
        "A user's `token`, which `/login` returns. It is valid only in the user's tenant.",
    },
    operator: {
      type: 'http',
      scheme: 'bearer',
      description: 'The key of operators: `OPERATOR_KEY`.',
    },
    tenant: {
      type: 'apiKey',
      in: 'header',
      name: HEADER,
      description: "The tenant's `tenant_uuid`, which `/client` returns.",
    },
  });
});

it('refers to nothing that it lacks, and keeps no marks', () => {
  const refs = refsOf(document);
  expect(refs).toContain('#/components/schemas/ErrorBody');
  expect(refs.filter((ref) => resolveRef(document, ref) === undefined)).toEqual([]);
  expect(JSON.stringify(document)).not.toContain('"x-error-');
});

it('describes each operation: a summary, an id of its own, every parameter, and an answer', () => {
  const operations = operationsOf(document);
  expect(operations.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['get /polls', 'post /client', 'get /health/ready']),
  );
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { name, path, operation } of operations) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
    const good = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
    expect({
      name,
      hasSummary: (operation.summary ?? '') !== '',
      declared: declared.map((parameter) => parameter.name).toSorted(),
      answers: good.map(([status, { content }]) => status === '204' || content !== undefined),
    }).toEqual({ name, hasSummary: true, declared: inPath.toSorted(), answers: [true] });
  }
});

it('lists the errors of each operation, each with an example of its status', () => {
  for (const { name, path, operation } of operationsOf(document)) {
    const examples = examplesOf(operation);
    const codes = examples.map(({ value }) => value.code);
    expect([name, operation.security]).toEqual([name, securityOf(name, path)]);
    for (const { status, value } of examples)
      expect([name, value.statusCode]).toEqual([name, status]);
    expect([name, codes]).toEqual([name, expect.arrayContaining(expectedCodes(path, operation))]);
  }
});

function expectedCodes(path: string, { requestBody }: { requestBody?: unknown }): string[] {
  return [
    'INTERNAL_ERROR',
    'HEADERS_TOO_LARGE',
    ...(path === '/health/live' ? [] : ['DATABASE_UNAVAILABLE']),
    ...(isOperators(path) ? ['UNAUTHENTICATED'] : []),
    ...(isPublic(path) || isOperators(path)
      ? []
      : ['TENANT_HEADER_MISSING', 'TENANT_HEADER_INVALID', 'TENANT_NOT_FOUND']),
    ...(path.includes('{') ? [isOperators(path) ? 'TENANT_NOT_FOUND' : 'NOT_FOUND'] : []),
    ...(requestBody === undefined
      ? []
      : ['VALIDATION_FAILED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'REQUEST_TIMEOUT']),
  ];
}

const JSON_TYPE = { 'content-type': 'application/json' };

it.each<[string, string, string, RequestInit]>([
  ['TENANT_HEADER_MISSING', 'get', '/polls', {}],
  ['TENANT_HEADER_INVALID', 'get', '/polls', { headers: { [HEADER]: 'nonsense' } }],
  ['TENANT_NOT_FOUND', 'get', '/polls', { headers: { [HEADER]: NOBODY } }],
  ['HEADERS_TOO_LARGE', 'get', '/polls', { headers: { [HEADER]: 'a'.repeat(20_480) } }],
  ['NOT_FOUND', 'post', '/client', { headers: JSON_TYPE, body: '{"tenant_name":"Unknown"}' }],
  ['VALIDATION_FAILED', 'post', '/client', { headers: JSON_TYPE, body: '{"tenant_name":""}' }],
  ['PAYLOAD_TOO_LARGE', 'post', '/client', { headers: JSON_TYPE, body: ' '.repeat(200_000) }],
  ['UNSUPPORTED_MEDIA_TYPE', 'post', '/client', { body: 'Pollsmaster' }],
])('gives as example of %s what the server answers', async (code, method, path, init) => {
  const operation = document.paths[path]?.[method];
  const example = examplesOf(operation).find(({ value }) => value.code === code);
  const response = await fetch(server.url + path, { method: method.toUpperCase(), ...init });
  expect([response.status, await response.json()]).toEqual([example?.status, example?.value]);
});
