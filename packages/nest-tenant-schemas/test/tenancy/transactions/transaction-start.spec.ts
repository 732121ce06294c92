// The start of a transaction goes with its first statement, in one message and one round trip: nothing else about
// transactions is different. The controls send it in ways that are not safe.
import pg from 'pg';
import Cursor from 'pg-cursor';
import type { DataSource, QueryRunner } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import { type CountingProxy, startCountingProxy } from 'test-support/counting-proxy.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  createTwoTenants,
  emptyTenants,
  Note,
  openTenantDataSource,
  poolOf,
  storedTexts,
  untilAllIdle,
} from '../support.js';

const INSERT = `INSERT INTO "${TENANT_SCHEMA}".notes (text) VALUES ($1)`;

let database: TestDatabase;
let proxy: CountingProxy;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  proxy = await startCountingProxy(database.url);
  dataSource = await openTenantDataSource(database, { url: proxy.url });
});

beforeEach(async () => {
  await emptyTenants(database);
  // Opens the connection, so that only what a test sends is counted.
  await dataSource.query('SELECT 1');
  proxy.reset();
});

afterEach(async () => {
  expect(await untilAllIdle(dataSource)).toBe(1);
});

afterAll(async () => {
  await dataSource.destroy();
  await proxy.close();
  await database.drop();
});

/** Does work in a transaction of A that the work itself may end, on a runner that is released after it. */
async function inTransaction(
  work: (runner: QueryRunner) => Promise<unknown>,
  isolation?: 'SERIALIZABLE',
): Promise<void> {
  const runner = dataSource.createQueryRunner();
  await tenantContext
    .run(A, async () => {
      await runner.startTransaction(isolation);
      await work(runner);
      if (runner.isTransactionActive) await runner.commitTransaction();
    })
    .finally(() => runner.release());
}

const roundTripsOf = async (work: () => Promise<unknown>): Promise<number> => {
  await work();
  return proxy.roundTrips;
};

it('costs one round trip for each statement and one for COMMIT', async () => {
  const insertTwice = (): Promise<void> =>
    inTransaction(async (runner) => {
      await runner.query(INSERT, ['one']);
      await runner.query(INSERT, ['two']);
    });
  expect(await roundTripsOf(insertTwice)).toBe(3);
  expect(await storedTexts(database, A)).toEqual(['one', 'two']);
});

it('costs nothing for a transaction in which nothing is done', async () => {
  expect(await roundTripsOf(() => inTransaction(() => Promise.resolve()))).toBe(0);
  const rolledBack = (): Promise<void> => inTransaction((runner) => runner.rollbackTransaction());
  expect(await roundTripsOf(rolledBack)).toBe(0);
});

it('keeps the isolation level', async () => {
  const seen: unknown[] = [];
  const look = (): Promise<void> =>
    inTransaction(async (runner) => {
      const text = `SELECT current_setting($1) AS level`;
      seen.push(await runner.query(text, ['transaction_isolation']));
    }, 'SERIALIZABLE');
  expect(await roundTripsOf(look)).toBe(2);
  expect(seen).toEqual([[{ level: 'serializable' }]]);
});

it('keeps a transaction read only, and deferrable, that is made so by its first statement', async () => {
  const write = inTransaction(async (runner) => {
    await runner.query('SET TRANSACTION READ ONLY, DEFERRABLE');
    await runner.query(INSERT, ['one']);
  }, 'SERIALIZABLE');
  await expect(write).rejects.toMatchObject({ code: '25006' });
  // Of that transaction alone.
  await inTransaction((runner) => runner.query(INSERT, ['two']));
  expect(await storedTexts(database, A)).toEqual(['two']);
});

it('undoes the first statement, too, by a rollback', async () => {
  await inTransaction(async (runner) => {
    await runner.query(INSERT, ['undone']);
    await runner.rollbackTransaction();
  });
  expect(await storedTexts(database, A)).toEqual([]);
});

it.each([
  ['with parameters', [1]],
  ['without', undefined],
])('leaves a failed transaction when the first statement is wrong, %s', async (_, parameters) => {
  await inTransaction(async (runner) => {
    const wrong = parameters ? 'SELEKT $1' : 'SELEKT 1';
    await expect(runner.query(wrong, parameters)).rejects.toMatchObject({
      driverError: { code: '42601' },
    });
    await expect(runner.query(INSERT, ['outside'])).rejects.toMatchObject({
      driverError: { code: '25P02' },
    });
    await runner.rollbackTransaction();
  });
  expect(await storedTexts(database, A)).toEqual([]);
});

it('is there when the first statement has no parameters, or reads in parts', async () => {
  await inTransaction(async (runner) => {
    await runner.query(INSERT.replace('$1', `'without'`));
    await runner.rollbackTransaction();
  });
  await inTransaction(async (runner) => {
    const client = (await runner.connect()) as pg.PoolClient;
    const cursor = client.query(new Cursor(`${INSERT} RETURNING text`, ['by a cursor']));
    expect(await cursor.read(1)).toEqual([{ text: 'by a cursor' }]);
    await cursor.close();
    await runner.rollbackTransaction();
  });
  expect(await storedTexts(database, A)).toEqual([]);
});

it('stands before savepoints', async () => {
  await inTransaction(async (runner) => {
    await runner.startTransaction();
    await runner.query(INSERT, ['undone']);
    await runner.rollbackTransaction();
    await runner.manager.save(Note, { text: 'kept' });
  });
  expect(await storedTexts(database, A)).toEqual(['kept']);
});

it('is sent once, with the first statement, without awaiting', async () => {
  const client = await tenantContext.run(A, () => poolOf(dataSource).connect());
  const statements = [
    ['START TRANSACTION'],
    [INSERT, ['one']],
    [INSERT, ['two']],
    ['ROLLBACK'],
  ] as [string, unknown[]?][];
  await tenantContext.run(A, () =>
    Promise.all(statements.map(([text, values]) => client.query(text, values))),
  );
  client.release();
  expect(proxy.statements).toBe(4);
  expect(await storedTexts(database, A)).toEqual([]);
});

it('does not go ahead of a statement that was sent before it', async () => {
  const client = await tenantContext.run(A, () => poolOf(dataSource).connect());
  await tenantContext.run(A, () =>
    Promise.all([
      client.query(INSERT, ['before']),
      client.query('START TRANSACTION'),
      client.query(INSERT, ['inside']),
      client.query('ROLLBACK'),
    ]),
  );
  client.release();
  expect(await storedTexts(database, A)).toEqual(['before']);
});

describe('control: a start that goes ahead in ways that are not safe', () => {
  let client: pg.Client;

  beforeEach(async () => {
    client = new pg.Client({ connectionString: database.directUrl });
    await client.connect();
  });

  afterEach(() => client.end());

  it('in the text of a statement that is wrong is never begun, and what follows is permanent', async () => {
    const wrong = client.query('START TRANSACTION; SELEKT 1');
    await expect(wrong).rejects.toMatchObject({ code: '42601' });
    await client.query(INSERT.replace(TENANT_SCHEMA, A.schema), ['outside']);
    await client.query('ROLLBACK');
    expect(await storedTexts(database, A)).toEqual(['outside']);
  });

  it('in a message of its own may fail by itself, and the statement behind it is permanent', async () => {
    const pipelined = new pg.Client({ connectionString: database.directUrl, pipeline: true });
    await pipelined.connect();
    await Promise.allSettled([
      pipelined.query('START TRANSACTION ISOLATION LEVEL NONE'),
      pipelined.query(INSERT.replace(TENANT_SCHEMA, A.schema), ['outside']),
    ]);
    await pipelined.query('ROLLBACK');
    await pipelined.end();
    expect(await storedTexts(database, A)).toEqual(['outside']);
  });
});

it.each([
  ['', 0],
  [', though it was kept prepared', 2],
])(
  'reports no success of a COMMIT if the statement before it was lost unsent%s',
  async (_, times) => {
    const client = await tenantContext.run(A, () => poolOf(dataSource).connect());
    try {
      for (let time = 0; time < times; time++) await client.query(INSERT, ['before']);
      const ended = new Promise((resolve) => client.once('end', resolve));
      proxy.cut();
      await ended;
      await tenantContext.run(A, async () => {
        await client.query('START TRANSACTION');
        const insert = client.query(INSERT, ['lost']).catch(() => undefined);
        await expect(client.query('COMMIT')).rejects.toThrow(/connection/i);
        await insert;
      });
    } finally {
      client.release();
    }
    await dataSource.query('SELECT 1');
  },
);
