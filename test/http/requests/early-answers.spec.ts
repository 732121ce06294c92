// Answers that are sent before the body was read arrive at clients that write everything before they read: the server
// reads on for a while, and only then closes. A client that never stops is cut off.
import { once } from 'node:events';
import { request as httpRequest, Agent } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { type FaultyApplication, startFaulty } from '../errors/faulty-application.js';

const LARGE = 3 * 1024 * 1024;
const LIMITS = { bytes: 8 * 1024 * 1024, ms: 60_000, silentMs: 60_000 };

let database: TestDatabase;
let application: FaultyApplication;

beforeAll(async () => {
  database = await createTestDatabase();
  application = await startFaulty(database.url, { adapter: { linger: LIMITS } });
});

afterAll(async () => {
  await application.app.close();
  await database.drop();
});

/** @param allowHalfOpen whether the client goes on after the server has ended its side */
async function connect(
  { url }: { url: string } = application,
  allowHalfOpen = false,
): Promise<Socket> {
  const { hostname: host, port } = new URL(url);
  const socket = createConnection({ host, port: Number(port), allowHalfOpen });
  await once(socket, 'connect');
  return socket.pause();
}

/** Writes piece by piece all of it before it reads, then reads to the end. Fails when the connection is reset. */
async function writeThenRead(text: string): Promise<string> {
  const socket = await connect();
  const bytes = Buffer.from(text);
  const size = 256 * 1024;
  for (let start = 0; start < bytes.length; start += size) {
    await promisify<Buffer>(socket.write.bind(socket))(bytes.subarray(start, start + size));
    // The server is in the same process: let it answer before all has been written.
    await new Promise(setImmediate);
  }
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

const statusesOf = (text: string): string[] =>
  Array.from(text.matchAll(/^HTTP\/1\.1 (\d+)/gm), ([, status = '']) => status);

function post(path: string, length: number, ...headers: string[]): string {
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: x',
    `Content-Length: ${length}`,
    ...headers,
    '',
    '',
  ];
  return head.join('\r\n') + 'a'.repeat(length);
}

function chunked(path: string, length: number, ...headers: string[]): string {
  const size = 64 * 1024;
  const chunk = `${size.toString(16)}\r\n${'a'.repeat(size)}\r\n`;
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: x',
    'Transfer-Encoding: chunked',
    ...headers,
    '',
    '',
  ];
  return `${head.join('\r\n')}${chunk.repeat(Math.ceil(length / size))}0\r\n\r\n`;
}

const JSON_TYPE = 'Content-Type: application/json';
const CLOSE = 'Connection: close';

it.each<[string, string, string]>([
  ['413, with a length', '413', post('/client', LARGE, JSON_TYPE)],
  ['413, if the client closes', '413', post('/client', LARGE, JSON_TYPE, CLOSE)],
  ['413, in chunks', '413', chunked('/client', LARGE, JSON_TYPE)],
  ['413, in chunks, if the client closes', '413', chunked('/client', LARGE, JSON_TYPE, CLOSE)],
  ['413, without a tenant or a token', '413', post('/polls', LARGE, JSON_TYPE)],
  [
    '413, without waiting for 100',
    '413',
    post('/client', LARGE, JSON_TYPE, 'Expect: 100-continue'),
  ],
  ['413, with an unknown expectation', '413', post('/client', LARGE, JSON_TYPE, 'Expect: tea')],
  ['404', '404', post('/nothing', LARGE, JSON_TYPE)],
  ['404, if the client closes', '404', post('/nothing', LARGE, JSON_TYPE, CLOSE)],
  ['404, in chunks', '404', chunked('/nothing', LARGE, CLOSE)],
  ['400, of a path that cannot be read', '400', post('/%zz', LARGE, CLOSE)],
  ['400, of a path that cannot be read, in chunks', '400', chunked('/%zz', LARGE)],
  ['415', '415', post('/client', LARGE, 'Content-Type: text/plain')],
  ['415, in chunks', '415', chunked('/client', LARGE, 'Content-Type: text/plain', CLOSE)],
  ['200, of a GET with a body', '200', post('/health/live', LARGE).replace('POST', 'GET')],
  ['431', '431', post('/client', LARGE, `X-Large: ${'a'.repeat(20_000)}`)],
  ['400, of what is not HTTP', '400', `hello\r\n\r\n${'a'.repeat(LARGE)}`],
  [
    '400, of a bad chunk',
    '400',
    `${chunked('/client', 1, JSON_TYPE).replace('10000', 'zz')}${'a'.repeat(LARGE)}`,
  ],
])('delivers a %s', async (_title, status, bytes) => {
  const text = await writeThenRead(bytes);
  expect(statusesOf(text)).toEqual([status]);
  expect(text).toMatch(/^Connection: close\r$/im);
});

it('delivers 413 every time', async () => {
  const text = post('/client', LARGE, JSON_TYPE);
  for (let n = 0; n < 50; n++) expect(statusesOf(await writeThenRead(text))).toEqual(['413']);
});

it('rejects a large body before it is sent, if the client waits for 100', async () => {
  const socket = await connect();
  socket.write(post('/client', LARGE, JSON_TYPE, 'Expect: 100-continue').slice(0, -LARGE));
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  expect(statusesOf(text)).toEqual(['413']);
});

it('lets a small body be sent, if the client waits for 100', async () => {
  const body = JSON.stringify({ tenant_name: 'Nothing' });
  const { hostname, port } = new URL(application.url);
  const request = httpRequest({ hostname, port, path: '/client', method: 'POST' })
    .setHeader('content-type', 'application/json')
    .setHeader('content-length', body.length)
    .setHeader('expect', '100-continue');
  request.once('continue', () => request.end(body)).flushHeaders();
  const [response] = await once(request, 'response');
  response.resume();
  expect(response.statusCode).toBe(404);
});

it('keeps the connection after an early answer to a small body', async () => {
  const socket = await connect();
  const statuses: string[] = [];
  for (const path of ['/nothing', '/%zz', '/nothing']) {
    socket.write(post(path, 50_000, JSON_TYPE));
    const [chunk] = await once(socket.resume(), 'data');
    expect(String(chunk)).toMatch(/^Connection: keep-alive\r$/im);
    statuses.push(...statusesOf(String(chunk)));
  }
  expect(statuses).toEqual(['404', '400', '404']);
  socket.destroy();
});

it('delivers 413 over an agent that keeps its connections, and goes on with new ones', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const statuses: number[] = [];
  for (const length of [LARGE, 10, LARGE, 10]) {
    const request = httpRequest(`${application.url}/client`, { agent, method: 'POST' });
    request.setHeader('content-type', 'application/json').end('1'.padEnd(length));
    const [response] = await once(request, 'response');
    statuses.push(response.statusCode);
    await once(response.resume(), 'close');
  }
  agent.destroy();
  expect(statuses).toEqual([413, 400, 413, 400]);
});

it('ignores a request that is sent behind one whose answer closes the connection', async () => {
  const next = 'GET /fault/bug HTTP/1.1\r\nHost: x\r\n\r\n';
  const text = await writeThenRead(post('/client', LARGE, JSON_TYPE) + next);
  expect(statusesOf(text)).toEqual(['413']);
  // Control: the log has it where it is handled.
  expect(application.logged).toEqual([]);
  await writeThenRead(next.replace('\r\n', `\r\n${CLOSE}\r\n`));
  expect(application.logged).toHaveLength(1);
});

/** Writes without an end; resolves when the connection is gone, with the bytes that went out. */
async function neverStop(socket: Socket, head: string, piece: string): Promise<number> {
  socket.on('error', () => undefined).resume();
  socket.write(head);
  const write = (): void => {
    while (!socket.destroyed && socket.write(piece));
    socket.once('drain', write);
  };
  write();
  await new Promise((resolve) => socket.once('close', resolve));
  return socket.bytesWritten;
}

it.each([
  ['a length', post('/client', LARGE, JSON_TYPE).replace(String(LARGE), '99999999999')],
  ['a path of no route', chunked('/nothing', 1).replace('0\r\n\r\n', '')],
  ['bad headers', 'hello\r\n\r\n'],
])('cuts off a client that never stops sending, after %s', async (_title, head) => {
  const size = 64 * 1024;
  const piece = `${size.toString(16)}\r\n${'a'.repeat(size)}\r\n`;
  expect(await neverStop(await connect(application, true), head, piece)).toBeGreaterThan(
    LIMITS.bytes,
  );
});

it.each([
  ['in all', { ...LIMITS, ms: 300 }],
  ['without a byte', { ...LIMITS, silentMs: 300 }],
])('cuts off a client that takes longer than the limit %s', async (_title, linger) => {
  const other = await startFaulty(database.url, { adapter: { linger } });
  const socket = await connect(other, true);
  socket.resume().write(post('/client', LARGE, JSON_TYPE).slice(0, -LARGE));
  const trickle = setInterval(() => linger.ms === 300 && socket.write('a'), 10);
  socket.on('error', () => undefined);
  await once(socket, 'end');
  expect(await connectionsOf(other)).toBe(1);
  while ((await connectionsOf(other)) > 0) await new Promise(setImmediate);
  clearInterval(trickle);
  socket.destroy();
  await other.app.close();
});

function connectionsOf({ app }: FaultyApplication): Promise<number> {
  return new Promise((resolve) => {
    app.getHttpServer().getConnections((_error: unknown, count: number) => resolve(count));
  });
}

it('does not hold up the stop of the server', async () => {
  const other = await startFaulty(database.url, { adapter: { linger: LIMITS } });
  const socket = await connect(other, true);
  socket.on('error', () => undefined).resume();
  socket.write(post('/client', LARGE, JSON_TYPE).slice(0, -LARGE));
  await once(socket, 'end');
  expect(await connectionsOf(other)).toBe(1);
  // The limits of the spec are longer than it may run.
  await other.app.close();
  socket.destroy();
});
