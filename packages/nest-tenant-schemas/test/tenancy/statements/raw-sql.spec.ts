// Raw SQL reaches the current tenant by the placeholder, wherever the placeholder stands in it. Raw SQL that forgot the
// placeholder is an error with a hint, never a read of a table of that name in `public`.
import pg from 'pg';
import { type DataSource, QueryFailedError } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  B,
  createTwoTenants,
  emptyTenants,
  openTenantDataSource,
  poolOf,
  storedTexts,
} from '../support.js';

const UNQUALIFIED = 'SELECT text FROM notes';
const HINT = 'Write the schema placeholder in raw SQL: "__tenant__".table_name.';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  await database.sql(
    `CREATE TABLE public.notes (text text); INSERT INTO public.notes VALUES ('public')`,
  );
  dataSource = await openTenantDataSource(database);
});

beforeEach(async () => {
  await emptyTenants(database);
  await addNote(dataSource, A);
  await addNote(dataSource, B);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

function query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
  return dataSource.query(text, values);
}

it.each([
  ['a quoted placeholder', `SELECT text FROM "${TENANT_SCHEMA}".notes`],
  ['a bare placeholder', `SELECT text FROM ${TENANT_SCHEMA}.notes`],
  [
    'a placeholder in a common table expression',
    `WITH n AS (SELECT text FROM "${TENANT_SCHEMA}".notes) SELECT text FROM n`,
  ],
  [
    'a placeholder in a subquery and a join',
    `SELECT n.text FROM (SELECT * FROM ${TENANT_SCHEMA}.notes) n LEFT JOIN "${TENANT_SCHEMA}".remarks r ON r."noteId" = n.id`,
  ],
  ['a placeholder in a literal', `SELECT '${TENANT_SCHEMA}' AS text`],
])('reads the current tenant with %s', async (_, text) => {
  for (const tenant of [A, B, A]) {
    expect(await tenantContext.run(tenant, () => query(text))).toEqual([{ text: tenant.schema }]);
  }
});

it('writes to the current tenant only', async () => {
  await tenantContext.run(B, () =>
    query(`INSERT INTO "${TENANT_SCHEMA}".notes (text) VALUES ($1)`, ['raw']),
  );
  expect(await storedTexts(database, A)).toEqual(['tenant_a']);
  expect(await storedTexts(database, B)).toEqual(['tenant_b', 'raw']);
});

it('makes what DDL names by the placeholder, in names, literals and comments, the tenant’s', async () => {
  const ddl = `-- extra notes of ${TENANT_SCHEMA}
    CREATE TABLE "${TENANT_SCHEMA}".extra (id int, origin text DEFAULT '${TENANT_SCHEMA}');
    COMMENT ON TABLE "${TENANT_SCHEMA}".extra IS 'of ${TENANT_SCHEMA}';
    INSERT INTO "${TENANT_SCHEMA}".extra (id) VALUES (1) /* ${TENANT_SCHEMA} */;`;
  for (const tenant of [A, B]) await tenantContext.run(tenant, () => query(ddl));
  const made = await database.sql(
    `SELECT n.nspname AS schema, obj_description(c.oid, 'pg_class') AS comment
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = 'extra' ORDER BY 1`,
  );
  const rows = await database.sql(
    'SELECT origin FROM tenant_a.extra UNION ALL SELECT origin FROM tenant_b.extra ORDER BY 1',
  );
  expect(made).toEqual([
    { schema: 'tenant_a', comment: 'of tenant_a' },
    { schema: 'tenant_b', comment: 'of tenant_b' },
  ]);
  expect(rows).toEqual([{ origin: 'tenant_a' }, { origin: 'tenant_b' }]);
});

it('refuses raw SQL without the placeholder with 42P01 and a hint that names the placeholder', async () => {
  const byDataSource = tenantContext.run(A, () => query(UNQUALIFIED));
  await expect(byDataSource).rejects.toBeInstanceOf(QueryFailedError);
  await expect(byDataSource).rejects.toMatchObject({ code: '42P01', hint: HINT });
  const byPool = tenantContext.run(A, () => poolOf(dataSource).query(UNQUALIFIED));
  await expect(byPool).rejects.toMatchObject({ code: '42P01', hint: HINT });
  const byCallback = await tenantContext.run(
    A,
    () => new Promise((resolve) => poolOf(dataSource).query(UNQUALIFIED, resolve)),
  );
  expect(byCallback).toMatchObject({ code: '42P01', hint: HINT });
});

it('rejects it outside a tenant too, without a hint if the placeholder cannot help', async () => {
  await expect(query(UNQUALIFIED)).rejects.toMatchObject({ code: '42P01' });
  const missing = tenantContext.run(A, () => query(`SELECT 1 FROM "${TENANT_SCHEMA}".missing`));
  await expect(missing).rejects.toMatchObject({ code: '42P01', hint: undefined });
});

describe('control: a search path of public', () => {
  it('reads the table of that name in public', async () => {
    const client = new pg.Client({ connectionString: database.directUrl });
    await client.connect();
    try {
      await client.query('SET search_path = public');
      expect((await client.query(UNQUALIFIED)).rows).toEqual([{ text: 'public' }]);
    } finally {
      await client.end();
    }
  });
});
