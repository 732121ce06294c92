// Every mistake that a client of the API can make, over real HTTP: the contract's body with its code, a
// message that says what to do, never a 5xx.
import { gzipSync } from 'node:zlib';
import { startApplication, type TestApplication } from '../../support/application.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

const UUID = '123e4567-e89b-42d3-a456-426614174000';
const MEGABYTE = 1024 * 1024;

let database: TestDatabase;
let application: TestApplication;

beforeAll(async () => {
  database = await createTestDatabase();
  application = await startApplication(database.url);
});

afterAll(async () => {
  await application.app.close();
  await database.drop();
});

const send: TestApplication['send'] = (...request) => application.send(...request);

it.each([
  ['invalid JSON', '{', "Body is not valid JSON but content-type is set to 'application/json'."],
  ['an empty body', '', 'The body must be a JSON object'],
  [
    '__proto__ as a field',
    '{"tenant_name":"x","__proto__":{"admin":true}}',
    "Body is not valid JSON but content-type is set to 'application/json'.",
  ],
  ['a list', '[{"tenant_name":"x"}]', 'The body must be a JSON object'],
  ['null', 'null', 'The body must be a JSON object'],
  ['text', '"tenant_name"', 'The body must be a JSON object'],
  ['a number', '5', 'The body must be a JSON object'],
])('refuses %s where an object should be', async (_title, body, message) => {
  expect(await send('POST', '/client', { body })).toEqual({
    status: 400,
    body: {
      statusCode: 400,
      code: 'VALIDATION_FAILED',
      message: expect.stringContaining(message),
    },
  });
});

it.each([
  ['no field at all', '{}', ['tenant_name must be a string']],
  ['a number', '{"tenant_name":5}', ['tenant_name must be a string']],
  ['a list', '{"tenant_name":["x"]}', ['tenant_name must be a string']],
  ['nothing in it', '{"tenant_name":""}', ['tenant_name must not be blank']],
  ['NUL in it', '{"tenant_name":"a\\u0000b"}', ['tenant_name must not contain control characters']],
  ['half a character', '{"tenant_name":"\\ud800"}', [expect.stringContaining('tenant_name')]],
  ['an unknown field', '{"tenant_name":"x","limit":1}', ['limit is not a known field']],
  [
    'a field of every object',
    '{"tenant_name":"x","constructor":{"name":"y"},"prototype":1}',
    ['constructor is not a known field', 'prototype is not a known field'],
  ],
])('refuses a name with %s, naming the field', async (_title, body, rules) => {
  const refused = await send('POST', '/client', { body });
  const details = refused.body.details as { field: string; message: string }[];
  expect(refused.status).toBe(400);
  expect(refused.body.code).toBe('VALIDATION_FAILED');
  expect(details.map(({ message }) => message)).toEqual(rules);
  expect(refused.body.message).toBe(`${details.map(({ message }) => message).join('; ')}.`);
});

it.each([
  ['text', 'text/plain'],
  ['a form', 'application/x-www-form-urlencoded'],
  ['a form with parts', 'multipart/form-data; boundary=x'],
  ['XML', 'application/xml'],
  ['no media type', 'nonsense'],
])('refuses a body that is %s with 415', async (_title, type) => {
  expect(
    await send('POST', '/client', { body: 'tenant_name=x', headers: { 'content-type': type } }),
  ).toEqual({
    status: 415,
    body: {
      statusCode: 415,
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: 'Send JSON, with the header Content-Type: application/json.',
    },
  });
});

it.each(['gzip', 'GZIP', 'br', 'identity, gzip', 'x-own'])(
  'refuses a body with Content-Encoding: %s with 415',
  async (encoding) => {
    const sent = {
      body: gzipSync('{"tenant_name":"x"}'),
      headers: { 'content-encoding': encoding },
    };
    const refused = await send('POST', '/client', sent);
    expect(refused).toEqual({
      status: 415,
      body: {
        statusCode: 415,
        code: 'UNSUPPORTED_MEDIA_TYPE',
        message: 'Send the body without Content-Encoding. The server does not decompress bodies.',
      },
    });
  },
);

it.each(['identity', 'Identity', ''])(
  'reads a body with Content-Encoding: %s',
  async (encoding) => {
    const sent = { body: { tenant_name: 'x' }, headers: { 'content-encoding': encoding } };
    expect((await send('POST', '/client', sent)).status).toBe(404);
  },
);

it('answers a request without a body whatever its Content-Encoding says', async () => {
  const sent = { headers: { 'content-encoding': 'gzip' } };
  expect((await send('GET', '/health/live', sent)).status).toBe(200);
});

it('refuses a body of 10 MB with 413', async () => {
  const body = { tenant_name: 'x'.repeat(10 * MEGABYTE) };
  expect(await send('POST', '/client', { body })).toEqual({
    status: 413,
    body: {
      statusCode: 413,
      code: 'PAYLOAD_TOO_LARGE',
      message: 'The request body is larger than 100 KB. Send less data.',
    },
  });
});

it.each([
  ['an unknown path', 'GET', '/nope'],
  ['an unknown path below a known one', 'GET', '/client/nope'],
  ['another method', 'DELETE', '/client'],
  ['another method, whatever its body', 'PUT', '/client'],
  ['OPTIONS', 'OPTIONS', '/polls'],
  ['the root', 'GET', '/'],
])('answers %s with 404, without a look at the tenant header', async (_title, method, path) => {
  const body = method === 'PUT' ? '{' : undefined;
  expect(await send(method, path, { tenant: 'nonsense', body })).toEqual({
    status: 404,
    body: {
      statusCode: 404,
      code: 'NOT_FOUND',
      message: `No route answers ${method} at this path. See all routes at /docs.`,
    },
  });
});

it.each([
  ['a path that cannot be decoded', '/%zz', 400, 'VALIDATION_FAILED'],
  ['one of a tenant route', '/polls/%zz', 400, 'VALIDATION_FAILED'],
  ['NUL in the path', '/%00', 404, 'NOT_FOUND'],
  ['an id of 200 digits', `/polls/${'1'.repeat(200)}`, 404, 'NOT_FOUND'],
])('answers %s', async (_title, path, statusCode, code) => {
  const answer = await send('GET', path, { tenant: UUID });
  expect(answer).toEqual({
    status: statusCode,
    body: { statusCode, code, message: expect.stringMatching(/\.$/) },
  });
});

it.each([
  ['a doubled slash', '//health//live'],
  ['a slash at the end', '/health/live/'],
  ['a doubled slash at the end', '/health/live//'],
])('ignores %s', async (_title, path) => {
  expect(await send('GET', path)).toEqual({ status: 200, body: { status: 'ok' } });
});

it('answers HEAD as GET, without a body', async () => {
  expect((await send('HEAD', '/health/live')).status).toBe(200);
  expect((await send('HEAD', '/polls')).status).toBe(400);
  expect(await send('HEAD', '/nope')).toEqual({ status: 404, body: undefined });
});

it('does not reveal its framework or its versions', async () => {
  const { headers } = await fetch(`${application.url}/nope`);
  expect([...headers.keys()].toSorted().join(' ')).toBe(
    'cache-control connection content-length content-security-policy content-type ' +
      'cross-origin-resource-policy date keep-alive referrer-policy strict-transport-security vary ' +
      'x-content-type-options x-frame-options',
  );
});
