// A real server that gets SIGTERM: what runs is answered, nothing new is accepted, idle connections do not hold it,
// and it says by its exit code, and in its log, when something had to be broken off.
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import pg from 'pg';
import { runHosted } from '../../support/hosted-commands.js';
import { type RunningServer, startServer } from '../../support/processes.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { untilWaiting } from '../../support/until-waiting.js';

let database: TestDatabase;
let tenant: string;
let blocker: pg.Client;
let server: RunningServer;

beforeAll(async () => {
  database = await createTestDatabase();
  const created = await runHosted(
    ['create-tenant', '--name', 'Acme', '--schema', 'acme', '--json'],
    { DATABASE_URL: database.url },
  );
  tenant = (JSON.parse(created.out) as { tenant_uuid: string }).tenant_uuid;
}, 240_000);

beforeEach(async () => {
  blocker = new pg.Client({ connectionString: database.directUrl });
  await blocker.connect();
  await blocker.query('BEGIN; LOCK TABLE acme.polls');
});

afterEach(async () => {
  await blocker.end();
});

afterAll(() => database.drop());

const start = (timeoutMs: string): Promise<RunningServer> =>
  startServer({ DATABASE_URL: database.url, SHUTDOWN_TIMEOUT_MS: timeoutMs });

/** A request that waits for a lock; resolves to its promise once the server waits. */
async function slowRequest(): Promise<{ answer: Promise<Response> }> {
  const answer = fetch(`${server.url}/polls`, { headers: { 'X-Request-ID': tenant } });
  answer.catch(() => undefined);
  await untilWaiting(database);
  return { answer };
}

/** A connection that has had an answer, and stays open. */
async function idleConnection(): Promise<Socket> {
  const socket = createConnection(Number(new URL(server.url).port), '127.0.0.1');
  socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');
  return socket;
}

/** A connection on which nothing has been sent. */
async function silentConnection(): Promise<Socket> {
  const socket = createConnection(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  // The server has it, once it has answered on one that came later.
  (await idleConnection()).destroy();
  return socket;
}

async function refusesConnections(): Promise<void> {
  const isOpen = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = createConnection(Number(new URL(server.url).port), '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  while (await isOpen());
}

it('answers what runs, accepts nothing new, closes idle connections, and exits 0', async () => {
  server = await start('60000');
  const idle = await idleConnection();
  const idleClosed = once(idle.resume(), 'close');
  const { answer } = await slowRequest();
  const stopped = server.stop('SIGTERM');
  await refusesConnections();
  await idleClosed;
  await blocker.query('COMMIT');
  expect((await answer).status).toBe(200);
  const { code, err } = await stopped;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const left = await database.sql(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'nest-tenant%'`,
  );
  expect(left).toEqual([]);
});

it('closes connections on which nothing was ever sent, and exits 0', async () => {
  server = await start('10000');
  const silent = await silentConnection();
  const silentClosed = once(silent.resume(), 'close');
  const { code, out, err } = await server.stop('SIGTERM');
  await silentClosed;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).not.toContain('Aborting requests');
});

it('breaks off what runs for too long, says so, and exits 1', async () => {
  server = await start('200');
  const { answer } = await slowRequest();
  const { code, out } = await server.stop('SIGTERM');
  expect(code).toBe(1);
  expect(out).toContain('Aborting requests that still run after 200 ms (SHUTDOWN_TIMEOUT_MS).');
  await expect(answer).rejects.toThrow('fetch failed');
});

it('ends at once by a second signal, and says so', async () => {
  server = await start('60000');
  const { answer } = await slowRequest();
  const stopped = server.stop('SIGTERM');
  await refusesConnections();
  server.process.kill('SIGINT');
  const { code, out } = await stopped;
  expect(code).toBe(1);
  expect(out).toContain('SIGINT again: exiting immediately.');
  await expect(answer).rejects.toThrow('fetch failed');
});
