// What callers of node-postgres' pool and clients rely on, also in its corners: each case gives what pg.Pool gives.
import { inspect } from 'node:util';
import pg from 'pg';
import { tenantContext } from '../../../src/index.js';
import { TenantPool } from '../../../src/connection/pool/tenant-pool.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, createTwoTenants } from '../support.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTwoTenants();
});

afterAll(() => database.drop());

const POOLS: [string, typeof pg.Pool][] = [
  ['pg.Pool', pg.Pool],
  ['the tenant pool', TenantPool],
];

describe.each(POOLS)('%s', (poolName, Pool) => {
  let pool: pg.Pool;

  afterEach(() => pool.end());

  /** What a failed checkout hands to its callback. */
  const failure = (work: () => void = () => undefined): Promise<unknown[]> =>
    new Promise((resolve) => {
      work();
      pool.connect((error, client, done) => resolve([error, client, done]));
    });

  it('gives the callback of a failed checkout a release', async () => {
    pool = new Pool({ host: '127.0.0.1', port: 1 });
    const [error, client, done] = await failure();
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    expect(client).toBeUndefined();
    expect((done as () => unknown)()).toBeUndefined();
  });

  it('answers a named query without a text as an empty one, also behind another', async () => {
    pool = new Pool({ connectionString: database.url, max: 1 });
    const client = await pool.connect();
    // Of each pool its own: behind a pooler, both may use one server process, which keeps the statement.
    const empty = { name: `empty of ${poolName}`, text: null } as unknown as pg.QueryConfig;
    const answers = await Promise.all([client.query('SELECT 1 AS one'), client.query(empty)]);
    expect(answers.map(({ rows }) => rows)).toEqual([[{ one: 1 }], []]);
    client.release();
  });

  it('refuses a checkout after its end, also while a connection is held', async () => {
    pool = new Pool({ connectionString: database.url, max: 1 });
    const held = await pool.connect();
    const ended = pool.end();
    await expect(pool.connect()).rejects.toThrow('Cannot use a pool after calling end on the pool');
    held.release();
    await ended;
    // Nothing is left for afterEach to end.
    pool = new Pool({ connectionString: database.url });
  });

  it('can be written as JSON and inspected, with a client that is held', async () => {
    const url = new URL(database.url);
    // Some of the servers ask for none, and take any.
    url.password ||= 'a-password-to-hide';
    pool = new Pool({ connectionString: url.href, max: 1 });
    expect(JSON.parse(JSON.stringify(pool))).toMatchObject({ options: { max: 1 } });
    const client = await tenantContext.run(A, () => pool.connect());
    const shown = [pool, client].flatMap((each) => [JSON.stringify(each), inspect(each)]).join();
    client.release();
    expect(shown).not.toContain(`"${url.password}"`);
    expect(shown).not.toContain(`'${url.password}'`);
  });
});

it('gives a checkout that the limit of waiting tenants refuses a release as well', async () => {
  const pool = new TenantPool({
    connectionString: database.url,
    max: 1,
    connectionLimits: { maxWaitingPerTenant: 0 },
  });
  const held = await tenantContext.run(A, () => pool.connect());
  const refused = await new Promise<unknown[]>((resolve) => {
    tenantContext.run(A, () =>
      pool.connect((error, client, done) => resolve([error, client, done])),
    );
  });
  expect(refused).toEqual([
    expect.objectContaining({ code: 'POOL_EXHAUSTED' }),
    undefined,
    expect.any(Function),
  ]);
  held.release();
  await pool.end();
});

it('closes the connection of a text that is none, and ends no process', async () => {
  const pool = new TenantPool({ connectionString: database.url, max: 1 });
  pool.on('error', () => undefined);
  const client = await pool.connect();
  const wrong = { name: 'wrong', text: 5 } as unknown as pg.QueryConfig;
  const [first, second] = await Promise.allSettled([client.query('SELECT 1'), client.query(wrong)]);
  expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
  client.release();
  await pool.end();
});
