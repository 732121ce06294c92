// A connection that goes back with work of its tenant on it (an open transaction, an un-awaited START
// TRANSACTION, an unfinished cursor) must be closed: else the next tenant's COMMIT makes that work permanent.
import { Logger } from '@nestjs/common';
import pg from 'pg';
import Cursor from 'pg-cursor';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import { TenantClient } from '../../../src/connection/client/tenant-client.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  B,
  createTwoTenants,
  emptyTenants,
  nextConnection,
  openTenantDataSource,
  poolOf,
  storedTexts,
} from '../support.js';

const INSERT = `INSERT INTO "${TENANT_SCHEMA}".notes (text) VALUES ($1)`;

let database: TestDatabase;
let dataSource: DataSource;
let pool: pg.Pool;
let warn: jest.SpyInstance;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, { poolSize: 1 });
  pool = poolOf(dataSource);
});

beforeEach(async () => {
  warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  await emptyTenants(database);
});

afterEach(() => jest.restoreAllMocks());

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** The next tenant's work on the pool: a transaction of its own, committed. */
const commitInB = (): Promise<void> =>
  tenantContext.run(B, async () => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      await client.query(INSERT, ['b']);
      await client.query('COMMIT');
    } finally {
      client.release();
    }
  });

/** Sends a statement without awaiting it. Its failure together with its connection is expected. */
const unawaited = (client: pg.PoolClient, text: string, values?: unknown[]): void =>
  void client.query(text, values).catch(() => undefined);

const WAYS: [string, string, (client: pg.PoolClient) => Promise<void>][] = [
  [
    'in an open transaction',
    'a transaction was still open',
    async (client) => {
      await client.query('BEGIN');
      await client.query(INSERT, ['undone']);
    },
  ],
  [
    'in a transaction that failed',
    'a transaction was still open',
    async (client) => {
      await client.query('BEGIN');
      await client.query(INSERT, ['undone']);
      await expect(client.query(INSERT, [null])).rejects.toMatchObject({ code: '23502' });
    },
  ],
  [
    'with an un-awaited BEGIN',
    'a statement was still running',
    (client) => {
      unawaited(client, 'BEGIN');
      return Promise.resolve();
    },
  ],
  [
    'with an un-awaited BEGIN and INSERT',
    'a statement was still running',
    (client) => {
      unawaited(client, 'BEGIN');
      unawaited(client, INSERT, ['undone']);
      return Promise.resolve();
    },
  ],
  [
    'with an un-awaited START TRANSACTION and INSERT, which go together',
    'a statement was still running',
    (client) => {
      unawaited(client, 'START TRANSACTION');
      unawaited(client, INSERT, ['undone']);
      return Promise.resolve();
    },
  ],
  [
    'with an unfinished cursor',
    'a statement was still running',
    async (client) => {
      const cursor = client.query(
        new Cursor<{ n: number }>('SELECT n FROM generate_series(1, 9) n'),
      );
      expect(await cursor.read(1)).toEqual([{ n: 1 }]);
    },
  ],
];

/** Lets A do its work on a connection and release it, and returns that connection. */
function releaseInA(work: (client: pg.PoolClient) => Promise<void>): Promise<pg.PoolClient> {
  return tenantContext.run(A, async () => {
    const client = await pool.connect();
    await work(client);
    client.release();
    return client;
  });
}

it.each(WAYS)('closes a connection released %s, and undoes its work', async (_, reason, work) => {
  const released = await releaseInA(work);
  await commitInB();
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn).toHaveBeenCalledWith(
    `A connection of tenant schema "${A.schema}" was released while ${reason}. The pool closed it. ` +
      'Await every statement and end every transaction before the release.',
  );
  expect((await nextConnection(dataSource)) === released).toBe(false);
  expect(pool.totalCount).toBe(1);
  expect(await storedTexts(database, A)).toEqual([]);
  expect(await storedTexts(database, B)).toEqual(['b']);
});

it.each<[string, (client: pg.PoolClient) => Promise<unknown>]>([
  ['a committed transaction', (client) => client.query('BEGIN').then(() => client.query('COMMIT'))],
  ['no statement at all', () => Promise.resolve()],
  [
    'the start of a transaction that nothing followed',
    (client) => client.query('START TRANSACTION'),
  ],
  ['a caught constraint violation', (client) => client.query(INSERT, [null]).catch(() => null)],
])('reuses a connection after %s', async (_, work) => {
  const released = await releaseInA(async (client) => void (await work(client)));
  await commitInB();
  expect((await nextConnection(dataSource)) === released).toBe(true);
  expect(warn).not.toHaveBeenCalled();
});

it('reuses a new connection on which nothing was done', async () => {
  const old = await pool.connect();
  old.release(true);
  const released = await releaseInA(() => Promise.resolve());
  expect(released === old).toBe(false);
  expect((await nextConnection(dataSource)) === released).toBe(true);
  expect(warn).not.toHaveBeenCalled();
});

describe('control: a release that is always taken for clean', () => {
  beforeEach(() =>
    jest.spyOn(TenantClient.prototype, 'releaseProblem', 'get').mockReturnValue(undefined),
  );

  it.each<[string, string | undefined, { a: string[]; b: string[] }]>([
    ["makes A's row permanent by B's COMMIT", WAYS[0]?.[0], { a: ['undone'], b: ['b'] }],
    ["writes A's waiting row into B", WAYS[3]?.[0], { a: [], b: ['undone', 'b'] }],
  ])('%s, when released %s', async (_, way, { a, b }) => {
    const released = await releaseInA(async (client) =>
      WAYS.find(([name]) => name === way)?.[2](client),
    );
    await commitInB();
    expect((await nextConnection(dataSource)) === released).toBe(true);
    expect(await storedTexts(database, A)).toEqual(a);
    expect(await storedTexts(database, B)).toEqual(b);
  });
});
