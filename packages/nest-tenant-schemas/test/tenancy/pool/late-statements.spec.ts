// A statement that was not awaited may arrive after the release of its connection. The engine does not send it. It would begin a
// transaction on an idle connection, and the next tenant would lose its work in it.
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
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

const RELEASED = /its connection was already released/;

let database: TestDatabase;
let dataSource: DataSource;
let first: pg.PoolClient;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database);
});

beforeEach(async () => {
  await emptyTenants(database);
  first = await nextConnection(dataSource);
});

/** The next tenant's write is acknowledged, stored, and leaves the connection in use. */
afterEach(async () => {
  await tenantContext.run(B, () =>
    poolOf(dataSource).query(`INSERT INTO "${TENANT_SCHEMA}".notes (text) VALUES ('b')`),
  );
  expect((await nextConnection(dataSource)) === first).toBe(true);
  expect(await storedTexts(database, B)).toEqual(['b']);
  expect(await database.sql('SELECT text FROM public.notices')).toEqual([]);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

it.each(['BEGIN', 'START TRANSACTION', `INSERT INTO public.notices (text) VALUES ('late')`])(
  'refuses %s of a query runner that was released meanwhile',
  async (text) => {
    const [late] = await tenantContext.run(A, async () => {
      const runner = dataSource.createQueryRunner();
      await runner.connect();
      return Promise.allSettled([runner.query(text), runner.release()]);
    });
    expect(late).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringMatching(RELEASED) as string },
    });
  },
);

it.each<[string, (client: pg.PoolClient) => Promise<unknown>]>([
  ['a promise', (client) => client.query('BEGIN')],
  ['a promise, with parameters', (client) => client.query('SELECT $1::int', [1])],
  [
    'a callback',
    (client) =>
      new Promise((resolve, reject) => {
        client.query('BEGIN', (error, result) => (error ? reject(error) : resolve(result)));
      }),
  ],
  ['a throw', async (client) => client.query(new pg.Query('BEGIN'))],
])('refuses what is sent on a released client, by %s', async (_, send) => {
  const client = await tenantContext.run(A, () => poolOf(dataSource).connect());
  client.release();
  await expect(send(client)).rejects.toThrow(RELEASED);
});
