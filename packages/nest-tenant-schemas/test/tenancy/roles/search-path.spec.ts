// rawSql: 'search_path': what existing applications have in unqualified SQL, functions and triggers works in the
// current tenant's schema, and a name that the schema does not have is not found in public.
import type { DataSource } from 'typeorm';
import { dataSourceFor, type Tenant, tenantContext } from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  B,
  createTwoTenants,
  emptyTenants,
  openTenantDataSource,
  storedTexts,
} from '../support.js';

const TENANTS = [A, B];

/** What a schema of a legacy application holds besides its tables: nothing in it names a schema. */
const LEGACY = (schema: string): string => `
  CREATE FUNCTION ${schema}.latest() RETURNS text LANGUAGE plpgsql AS
    $$ BEGIN RETURN (SELECT text FROM notes ORDER BY id DESC LIMIT 1); END $$;
  CREATE FUNCTION ${schema}.remark() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO remarks (text, "noteId") VALUES ('on ' || NEW.text, NEW.id); RETURN NEW; END $$;
  CREATE TRIGGER remark AFTER INSERT ON ${schema}.notes FOR EACH ROW EXECUTE FUNCTION ${schema}.remark();
  CREATE FUNCTION ${schema}.who() RETURNS text LANGUAGE sql AS $$ SELECT '${schema}' $$;`;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  await database.sql(`CREATE SCHEMA extensions; ${LEGACY(A.schema)} ${LEGACY(B.schema)}
    CREATE TABLE public.shared_only (text text); INSERT INTO public.shared_only VALUES ('public');
    CREATE FUNCTION extensions.who() RETURNS text LANGUAGE sql AS $$ SELECT 'extensions' $$;
    CREATE FUNCTION extensions.counted() RETURNS int LANGUAGE plpgsql AS
      $$ BEGIN RETURN (SELECT count(*) FROM notes); END $$;`);
  dataSource = await openTenantDataSource(database, {
    url: database.url,
    rawSql: 'search_path',
  });
});

beforeEach(async () => {
  await emptyTenants(database);
  for (const tenant of TENANTS) await addNote(dataSource, tenant);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** The first column of the first row that an unqualified statement gives in a tenant. */
async function valueIn(
  tenant: Tenant,
  text: string,
  holder: Pick<DataSource, 'query'> = dataSource,
): Promise<unknown> {
  const rows = await tenantContext.run(tenant, () => holder.query<Record<string, unknown>[]>(text));
  return Object.values(rows[0] ?? {})[0];
}

it.each([
  ['a read', 'SELECT text FROM notes ORDER BY id LIMIT 1'],
  ['a function of the tenant', 'SELECT latest()'],
  ['a function of the tenant before one of an extension', 'SELECT who()'],
  ['what a trigger wrote', `SELECT replace(text, 'on ', '') FROM remarks ORDER BY id LIMIT 1`],
])("finds in turn each tenant's own: %s", async (_, text) => {
  for (const tenant of [A, B, A, A, B]) expect(await valueIn(tenant, text)).toBe(tenant.schema);
});

it('writes into each tenant, and its sequences', async () => {
  for (const tenant of TENANTS) {
    const insert = `INSERT INTO notes (text) VALUES ('unqualified') RETURNING id`;
    expect(await valueIn(tenant, insert)).toBe(2);
    expect(await storedTexts(database, tenant)).toEqual([tenant.schema, 'unqualified']);
  }
});

it('has one function of all tenants work on the current one', async () => {
  await addNote(dataSource, B);
  for (const turn of [1, 2, 3]) {
    expect([turn, await valueIn(A, 'SELECT counted()')]).toEqual([turn, 1]);
    expect([turn, await valueIn(B, 'SELECT counted()')]).toEqual([turn, 2]);
  }
});

it('finds nothing in public that a tenant does not have', async () => {
  await expect(valueIn(A, 'SELECT text FROM shared_only')).rejects.toMatchObject({ code: '42P01' });
  expect(await valueIn(A, 'SELECT text FROM public.shared_only')).toBe('public');
});

it('lets a temporary table not hide the tenant’s', async () => {
  const temporary = `CREATE TEMPORARY TABLE notes AS SELECT 'temporary' AS text`;
  await tenantContext.run(A, () => dataSource.query(temporary));
  expect(await valueIn(A, 'SELECT text FROM pg_temp.notes')).toBe('temporary');
  expect(await valueIn(A, 'SELECT text FROM notes')).toBe(A.schema);
  expect(await valueIn(B, 'SELECT text FROM notes')).toBe(B.schema);
  await dataSource.query('DROP TABLE pg_temp.notes');
});

it('has no tenant’s schema in its search path outside every tenant', async () => {
  const path = (): Promise<unknown> => dataSource.query('SHOW search_path');
  await tenantContext.run(A, () => dataSource.query(`SET search_path TO ${A.schema}`));
  expect(await path()).toEqual([{ search_path: 'extensions, pg_temp' }]);
  await expect(dataSource.query('SELECT text FROM notes')).rejects.toMatchObject({ code: '42P01' });
});

it('goes with a bound handle into another tenant', async () => {
  const handle = dataSourceFor(dataSource, A);
  expect(await valueIn(B, 'SELECT text FROM notes', handle)).toBe(A.schema);
});

it('has a search path for each of many that run at once', async () => {
  const wide = await openTenantDataSource(database, {
    url: database.url,
    rawSql: 'search_path',
    poolSize: 3,
  });
  const turns = Array.from({ length: 60 }, (_, index) => (index % 3 === 0 ? A : B));
  const seen = await Promise.all(
    turns.map((tenant) => valueIn(tenant, 'SELECT text FROM notes', wide)),
  );
  expect(seen).toEqual(turns.map(({ schema }) => schema));
  await wide.destroy();
});

it.each(['SELEC 1', 'SELECT 1; SELEC 2', 'SELECT text FROM missing', 'SELECT 1; SELECT missing'])(
  'counts the position of the error in %j from the text of the caller',
  async (text) => {
    const failed = tenantContext.run(A, () => dataSource.query(text));
    const position = String(text.search(/SELEC\b|missing/) + 1);
    await expect(failed).rejects.toMatchObject({ driverError: { position } });
  },
);
