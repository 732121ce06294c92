// A named statement is prepared once on a connection, and its name is cut at 63 bytes: sent by name, the
// second tenant would get the first one's rows or an error. With the placeholder it is therefore sent unnamed.
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import { replacePlaceholder } from '../../../src/core/names/schema-placeholder.js';
import { testServer } from 'test-support/test-server.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, addNote, B, createTwoTenants, openTenantDataSource, poolOf } from '../support.js';

const READ = `SELECT text FROM "${TENANT_SCHEMA}".notes WHERE $1::text IS NOT NULL`;
const LONG_NAME = 'n'.repeat(63);

// A transaction pooler of this version forgets, or mixes up, statements that the server keeps by name.
const describeDirect = testServer().isBehindPgBouncer ? describe.skip : describe;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database);
  await addNote(dataSource, A);
  await addNote(dataSource, B);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** Runs a statement for A, B and A on the one connection, and returns the rows of each. */
async function readInTurn(make: (turn: number) => pg.QueryConfig): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (const [turn, tenant] of [A, B, A].entries()) {
    const { rows } = await tenantContext.run(tenant, () => poolOf(dataSource).query(make(turn)));
    seen.push(...rows);
  }
  expect(poolOf(dataSource).totalCount).toBe(1);
  return seen;
}

const OWN_ROWS = [{ text: 'tenant_a' }, { text: 'tenant_b' }, { text: 'tenant_a' }];

it('gives each tenant its own rows by one name', async () => {
  expect(await readInTurn(() => ({ name: 'notes', text: READ, values: ['x'] }))).toEqual(OWN_ROWS);
});

it('gives each tenant its own rows by names that are equal in their first 63 bytes', async () => {
  expect(
    await readInTurn((turn) => ({ name: `${LONG_NAME}_${turn}`, text: READ, values: ['x'] })),
  ).toEqual(OWN_ROWS);
});

it('gives each tenant its own rows by a frozen config', async () => {
  const config = Object.freeze({ name: 'frozen', text: READ, values: ['x'] });
  expect(await readInTurn(() => config)).toEqual(OWN_ROWS);
  expect(config.name).toBe('frozen');
});

it('gives each tenant its own rows by a named pg.Query, whose events and name stay', async () => {
  const seen: unknown[] = [];
  for (const tenant of [A, B]) {
    await tenantContext.run(tenant, async () => {
      const client = await poolOf(dataSource).connect();
      try {
        const query = new pg.Query({ name: 'query', text: READ, values: ['x'] });
        const ended = new Promise((resolve, reject) => {
          query.on('row', (row) => seen.push(row));
          query.on('end', resolve);
          query.on('error', reject);
        });
        client.query(query);
        await ended;
        expect(query).toMatchObject({ name: 'query', text: READ });
      } finally {
        client.release();
      }
    });
  }
  expect(seen).toEqual([{ text: 'tenant_a' }, { text: 'tenant_b' }]);
});

describeDirect('on a connection of its own', () => {
  it('leaves no statement of the placeholder on the server, and keeps the name of one without', async () => {
    await readInTurn(() => ({ name: 'with_marker', text: READ, values: ['x'] }));
    const { rows } = await tenantContext.run(A, async () => {
      const pool = poolOf(dataSource);
      await pool.query({ name: 'without_marker', text: 'SELECT $1::text', values: [''] });
      return pool.query('SELECT name FROM pg_catalog.pg_prepared_statements ORDER BY name');
    });
    expect(rows).toEqual([{ name: 'without_marker' }]);
  });
});

describe('control: a client that keeps the name', () => {
  let client: pg.Client;

  beforeEach(async () => {
    client = new pg.Client({ connectionString: database.directUrl });
    await client.connect();
  });

  afterEach(() => client.end());

  const named = (name: string, schema: string): pg.QueryConfig => ({
    name,
    text: replacePlaceholder(READ, schema),
    values: ['x'],
  });

  it('fails for the second tenant if node-postgres compares the texts', async () => {
    await client.query(named('notes', A.schema));
    await expect(client.query(named('notes', B.schema))).rejects.toThrow(
      "Prepared statements must be unique - 'notes' was used for a different statement",
    );
  });

  it('fails with 42P05 for two names that are equal in their first 63 bytes', async () => {
    const warning = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    await client.query(named(`${LONG_NAME}_1`, A.schema));
    await expect(client.query(named(`${LONG_NAME}_2`, B.schema))).rejects.toMatchObject({
      code: '42P05',
    });
    expect(warning).toHaveBeenCalledWith(
      'Warning! Postgres only supports 63 characters for query names.',
    );
    warning.mockRestore();
  });

  it('reads the first tenant’s rows if only the wire replaces the placeholder', async () => {
    let schema = A.schema;
    const { connection } = client;
    const parse = connection.parse.bind(connection);
    connection.parse = (statement, more) =>
      parse({ ...statement, text: replacePlaceholder(statement.text, schema) }, more);
    const first = await client.query({ name: 'notes', text: READ, values: ['x'] });
    schema = B.schema;
    const second = await client.query({ name: 'notes', text: READ, values: ['x'] });
    expect([first.rows, second.rows]).toEqual([[{ text: 'tenant_a' }], [{ text: 'tenant_a' }]]);
  });
});
