// What a statement costs on the wire, counted by a proxy in front of the server: the same as in an application
// of one tenant, whichever tenant the connection served before.
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { type Tenant, tenantContext } from '../../../src/index.js';
import { type CountingProxy, startCountingProxy } from 'test-support/counting-proxy.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, addNote, B, createTwoTenants, Note, openTenantDataSource, poolOf } from '../support.js';

const TURNS: Tenant[] = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? A : B));

let database: TestDatabase;
let proxy: CountingProxy;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  proxy = await startCountingProxy(database.url);
  dataSource = await openTenantDataSource(database, { url: proxy.url });
  await addNote(dataSource, A);
  await addNote(dataSource, B);
});

beforeEach(() => proxy.reset());

afterAll(async () => {
  await dataSource.destroy();
  await proxy.close();
  await database.drop();
});

const cost = () => ({ statements: proxy.statements, roundTrips: proxy.roundTrips });

it('sends one statement in one round trip for a find, with tenants in turn on one connection', async () => {
  const texts: (string | undefined)[] = [];
  for (const tenant of TURNS) {
    const [note] = await tenantContext.run(tenant, () => dataSource.getRepository(Note).find());
    texts.push(note?.text);
  }
  expect(cost()).toEqual({ statements: 20, roundTrips: 20 });
  expect(texts).toEqual(TURNS.map(({ schema }) => schema));
  expect(poolOf(dataSource).totalCount).toBe(1);
});

it('sends one statement in one round trip for a find with parameters', async () => {
  for (const tenant of TURNS) {
    const found = tenantContext.run(tenant, () =>
      dataSource.getRepository(Note).findOneBy({ text: tenant.schema }),
    );
    expect((await found)?.text).toBe(tenant.schema);
  }
  expect(cost()).toEqual({ statements: 20, roundTrips: 20 });
});

it('sends START TRANSACTION with the INSERT, and COMMIT, for a save, and nothing else', async () => {
  await addNote(dataSource, A, 'counted');
  expect(cost()).toEqual({ statements: 3, roundTrips: 2 });
  await addNote(dataSource, B, 'counted');
  expect(cost()).toEqual({ statements: 6, roundTrips: 4 });
});

it('costs nothing to check out and release a connection', async () => {
  for (const tenant of TURNS) {
    const client = await tenantContext.run(tenant, () => poolOf(dataSource).connect());
    client.release();
  }
  expect(cost()).toEqual({ statements: 0, roundTrips: 0 });
});

describe('control: a search path written at each checkout', () => {
  it('costs two round trips for each read', async () => {
    const pool = new pg.Pool({ connectionString: proxy.url, max: 1 });
    try {
      const texts: string[] = [];
      for (const { schema } of TURNS) {
        const client = await pool.connect();
        await client.query(`SET search_path = ${schema}`);
        const { rows } = await client.query<{ text: string }>('SELECT text FROM notes LIMIT 1');
        texts.push(rows[0]?.text ?? 'nothing');
        client.release();
      }
      expect(cost()).toEqual({ statements: 40, roundTrips: 40 });
      expect(texts).toHaveLength(20);
    } finally {
      await pool.end();
    }
  });
});
