// Rows in batches (`rows` of a query). If the server rejects a statement, `pg` sends no Sync, so the server never sends
// ReadyForQuery. The engine sends the Sync, so that the connection stays usable and returns to the pool.
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  B,
  createTwoTenants,
  nextConnection,
  openTenantDataSource,
  poolOf,
  readNote,
  untilAllIdle,
} from '../support.js';

const NOTES = `"${TENANT_SCHEMA}".notes`;

const inParts = (text: string): pg.QueryConfig => ({ text, rows: 100 }) as pg.QueryConfig;

const FAILURES: [string, pg.QueryConfig, string][] = [
  ['is refused', inParts(`SELECT missing FROM ${NOTES}`), '42703'],
  [
    'fails in a later part',
    inParts('SELECT 1 / (150 - n) FROM generate_series(1, 999) n'),
    '22012',
  ],
  [
    'fails when it is committed',
    inParts(`INSERT INTO ${NOTES} (id, text) VALUES (1, 'a')`),
    '23505',
  ],
];

let database: TestDatabase;

beforeAll(async () => {
  database = await createTwoTenants();
  await database.sql(
    `ALTER TABLE tenant_a.remarks DROP CONSTRAINT "remarks_noteId_fkey";
     ALTER TABLE tenant_a.notes DROP CONSTRAINT notes_pkey,
       ADD CONSTRAINT notes_pkey PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED`,
  );
});

afterAll(() => database.drop());

describe.each([{}, { rawSql: 'search_path' } as const])('with the options %j', (options) => {
  let dataSource: DataSource;
  let client: pg.PoolClient;

  beforeAll(async () => {
    dataSource = await openTenantDataSource(database, options);
    await database.sql('TRUNCATE tenant_a.notes, tenant_b.notes CASCADE');
    await addNote(dataSource, B);
    await tenantContext.run(A, () => dataSource.query(`INSERT INTO ${NOTES} VALUES (1, 'a')`));
  });

  beforeEach(async () => {
    client = await tenantContext.run(A, () => poolOf(dataSource).connect());
  });

  afterEach(async () => {
    client.release();
    await untilAllIdle(dataSource);
    expect((await nextConnection(dataSource)) === client).toBe(true);
    const { id } = await tenantContext.run(B, () => addNote(dataSource, B));
    expect(await readNote(dataSource, B, id)).toBe(B.schema);
  });

  afterAll(() => dataSource.destroy());

  it.each(FAILURES)('releases the connection of one that %s', async (_, statement, code) => {
    await expect(client.query(statement)).rejects.toMatchObject({ code });
  });

  it.each(FAILURES)('goes on behind one that %s', async (_, statement, code) => {
    const [failed, ...behind] = await Promise.allSettled([
      client.query(statement),
      client.query('SELECT 1 AS n'),
      client.query(inParts(`SELECT text FROM ${NOTES}`)),
    ]);
    expect(failed).toMatchObject({ reason: { code } });
    expect(behind).toMatchObject([
      { value: { rows: [{ n: 1 }] } },
      { value: { rows: [{ text: 'a' }] } },
    ]);
    expect(await client.query('SELECT 2 AS n')).toMatchObject({ rows: [{ n: 2 }] });
  });

  it('fails its transaction, which can be undone', async () => {
    await client.query('BEGIN');
    await expect(client.query(inParts('SELECT missing'))).rejects.toMatchObject({ code: '42703' });
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
    expect(await client.query('ROLLBACK')).toMatchObject({ command: 'ROLLBACK' });
  });
});
