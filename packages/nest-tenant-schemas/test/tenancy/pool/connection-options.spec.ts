// What node-postgres works out for a connection (TLS, keep-alive, a stream of the application's) holds for the engine's
// connections as well. A terminator of TLS stands in front of the server. It answers nothing else.
import { Socket } from 'node:net';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { SSL, startTlsTerminator, type TlsTerminator } from 'test-support/tls-terminator.js';
import { TenantClient } from '../../../src/connection/client/tenant-client.js';
import { TenantPool } from '../../../src/connection/pool/tenant-pool.js';

let database: TestDatabase;
let terminator: TlsTerminator;

beforeAll(async () => {
  database = await createTestDatabase();
  terminator = await startTlsTerminator(database.url);
});

beforeEach(() => {
  terminator.encrypted = 0;
});

afterAll(async () => {
  await terminator.close();
  await database.drop();
});

/** What one connection of a pool with these options answers, by way of the terminator. */
async function askThrough(options: pg.PoolConfig): Promise<unknown> {
  const url = new URL(database.url);
  url.host = `127.0.0.1:${terminator.port}`;
  const pool: pg.Pool = new TenantPool({ connectionString: url.toString(), max: 1, ...options });
  try {
    return (await pool.query<{ n: number }>('SELECT 1 AS n')).rows[0]?.n;
  } finally {
    await pool.end();
  }
}

it('encrypts the connection', async () => {
  expect(await askThrough({ ssl: SSL })).toBe(1);
  expect(terminator.encrypted).toBe(1);
});

it('control: a connection without its TLS options gets no answer', async () => {
  await expect(askThrough({})).rejects.toThrow(/connection/i);
  expect(terminator.encrypted).toBe(0);
});

it("makes each stream once, by the application's function, and keeps it alive", async () => {
  const made: Socket[] = [];
  const stream = (): Socket => {
    const socket = new Socket();
    jest.spyOn(socket, 'setKeepAlive');
    made.push(socket);
    return socket;
  };
  const keepAlive = { keepAlive: true, keepAliveInitialDelayMillis: 5000 };
  expect(await askThrough({ ssl: SSL, stream, ...keepAlive } as pg.PoolConfig)).toBe(1);
  expect(made.map(({ setKeepAlive }) => (setKeepAlive as jest.Mock).mock.calls)).toEqual([
    [[true, 5000]],
  ]);
});

it('takes over each option that node-postgres gives a connection', () => {
  const config = {
    connectionString: 'postgres://localhost/db?sslmode=no-verify&sslnegotiation=direct',
    keepAlive: true,
    keepAliveInitialDelayMillis: 5,
  };
  const optionsOf = (Client: typeof pg.Client): object => {
    const { connection } = new Client(config);
    // What is left beside streams and listeners, which are each connection's own.
    const own = Object.entries(connection).filter(
      ([name]) => !/^(?:stream|_events|_eventsCount)$/.test(name),
    );
    return Object.fromEntries(own);
  };
  const expected = optionsOf(pg.Client);
  // pg 8.20 has no direct negotiation of TLS.
  const direct = 'sslNegotiation' in expected && { sslNegotiation: 'direct' };
  expect(expected).toMatchObject({ _keepAlive: true, ...direct });
  expect(optionsOf(TenantClient)).toMatchObject(expected);
});
