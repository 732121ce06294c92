// Requests that no HTTP library sends, byte by byte: what Node's parser refuses is answered in the
// contract's shape as well, and what it lets through meets the rules on the tenant header.
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { type FaultyApplication, startFaulty } from '../errors/faulty-application.js';
import { sendRaw } from './raw-request.js';

const UUID = '123e4567-e89b-42d3-a456-426614174000';
const NOT_HTTP =
  'The request is not valid HTTP. Look for control characters in its first line and its headers.';

let database: TestDatabase;
let application: FaultyApplication;

beforeAll(async () => {
  database = await createTestDatabase();
  application = await startFaulty(database.url, {
    adapter: { requestTimeoutMs: 200, timeoutCheckMs: 50 },
  });
});

afterAll(async () => {
  await application.app.close();
  await database.drop();
});

/** Sends a request of these lines, which is the last one on its connection. */
function get(path: string, ...headers: string[]): ReturnType<typeof sendRaw> {
  const lines = [`GET ${path} HTTP/1.1`, 'Host: x', ...headers, 'Connection: close', '', ''];
  return sendRaw(application.url, lines.join('\r\n'));
}

it.each([
  [
    'a control character in a header',
    'GET /polls HTTP/1.1\r\nHost: x\r\nX-Request-ID: a\x01b\r\n\r\n',
  ],
  ['NUL in a header', 'GET /polls HTTP/1.1\r\nHost: x\r\nX-Request-ID: a\0b\r\n\r\n'],
  ['no HTTP at all', 'hello\r\n\r\n'],
  ['an unknown method', 'FOO /polls HTTP/1.1\r\nHost: x\r\n\r\n'],
  [
    'two lengths',
    'POST /client HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
  ],
  [
    'a length and chunks',
    'POST /client HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  [
    'a chunk without a size',
    'POST /client HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  ],
])('answers %s with 400 in JSON, and closes', async (_title, bytes) => {
  expect(await sendRaw(application.url, bytes)).toEqual({
    status: 400,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': expect.any(String),
      connection: 'close',
    },
    body: { statusCode: 400, code: 'VALIDATION_FAILED', message: NOT_HTTP },
  });
});

it('answers a request without a Host header with 400', async () => {
  const answer = await sendRaw(
    application.url,
    'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n',
  );
  expect(answer.body).toEqual({
    statusCode: 400,
    code: 'VALIDATION_FAILED',
    message: 'Send a Host header. HTTP/1.1 requires it.',
  });
});

it.each([
  ['a tenant header', 'X-Request-ID'],
  ['any header', 'X-Other'],
])('answers %s of 20 KB with 431', async (_title, name) => {
  const { status, body } = await get('/polls', `${name}: ${'a'.repeat(20_480)}`);
  expect({ status, body }).toEqual({
    status: 431,
    body: {
      statusCode: 431,
      code: 'HEADERS_TOO_LARGE',
      message: 'The request headers are larger than 16 KB. Send fewer or shorter headers.',
    },
  });
});

it.each([
  ['a tenant header of 10 KB', [`X-Request-ID: ${'a'.repeat(10_240)}`]],
  ['the tenant header twice', [`X-Request-ID: ${UUID}`, `X-Request-ID: ${UUID}`]],
  ['the tenant header twice, in two cases', [`X-Request-ID: ${UUID}`, `x-request-id: ${UUID}`]],
  ['two UUIDs in the tenant header', [`X-Request-ID: ${UUID}, ${UUID}`]],
  ['letters beyond ASCII in the tenant header', ['X-Request-ID: é']],
])('answers %s with 400, without repeating it', async (_title, headers) => {
  const { status, body } = await get('/polls', ...headers);
  expect({ status, body }).toEqual({
    status: 400,
    body: {
      statusCode: 400,
      code: 'TENANT_HEADER_INVALID',
      message: expect.stringMatching(
        /^The X-Request-ID header must be the UUID of your tenant, for example 123e4567-/,
      ),
    },
  });
});

it.each([
  ['whose headers stop', 'GET /health/live HTTP/1.1\r\nHost: x\r\n'],
  [
    'whose body stops',
    'POST /client HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{',
  ],
])('answers a request %s with 408', async (_title, bytes) => {
  const { status, body } = await sendRaw(application.url, bytes);
  expect({ status, body }).toEqual({
    status: 408,
    body: {
      statusCode: 408,
      code: 'REQUEST_TIMEOUT',
      message: 'The request did not arrive within a minute. Send it again.',
    },
  });
});

it('answers chunks of more than the limit with 413, without a length to judge by', async () => {
  const chunk = 'a'.repeat(64 * 1024);
  const { status, body } = await sendRaw(
    application.url,
    [
      'POST /client HTTP/1.1\r\nHost: x\r\nContent-Type: application/json',
      'Transfer-Encoding: chunked\r\n',
      ...Array.from({ length: 160 }, () => `${chunk.length.toString(16)}\r\n${chunk}`),
      '0\r\n\r\n',
    ].join('\r\n'),
  );
  expect({ status, body }).toEqual({
    status: 413,
    body: {
      statusCode: 413,
      code: 'PAYLOAD_TOO_LARGE',
      message: 'The request body is larger than 100 KB. Send less data.',
    },
  });
});
