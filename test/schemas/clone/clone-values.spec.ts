// A value whose type is the schema's own is copied bit for bit, whatever settings the database or a migration has for
// the way that the server writes and reads values. The settings are the login's again when views are filled.
import type { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../../src/database/data-source-options.js';
import { createTenantDataSource, readHistory, TenantCloner } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { migration, newClient, openSchemas, schemasOf } from '../support.js';

/** Settings under which some value is another one once it was written and read, or cannot be read. */
const SETTINGS: Readonly<Record<string, string>> = {
  extra_float_digits: '-3',
  DateStyle: 'Postgres, DMY',
  IntervalStyle: 'sql_standard',
  bytea_output: 'escape',
  xmloption: 'document',
  array_nulls: 'off',
  TimeZone: 'America/New_York',
};

/** What the observer reads them by. */
const EXACT = `SET extra_float_digits TO 3; SET DateStyle TO 'ISO, MDY'; SET IntervalStyle TO 'postgres';
  SET bytea_output TO hex; SET array_nulls TO on; SET TimeZone TO 'UTC'`;

const VALUES: readonly (readonly [name: string, type: string, value: string])[] = [
  ['ratio', 'float8', '0.1::float8 + 0.2'],
  ['small', 'real', '1.0::real / 3'],
  ['place', 'point', 'point(0.1::float8 + 0.2, 1)'],
  ['moment', 'timestamptz', `'2024-11-03 01:30:00.123456-05'`],
  ['early', 'timestamptz', `'1850-01-01 00:00:00+00'`],
  ['span', 'interval', `interval 'P0DT2H' - interval 'P1D'`],
  ['mixed', 'interval', `interval 'P1Y' - interval 'P2DT3H'`],
  ['bytes', 'bytea', String.raw`'\x00ff5c27'`],
  ['code', 'char(5)', `'a'`],
  ['blank', 'bpchar', `'a  '`],
  ['number', 'numeric', `'1.500'`],
  ['document', 'json', `'{"b": 1,  "a": 1.0}'`],
  ['words', 'text[]', `ARRAY[NULL, 'NULL', ' ', '']`],
  ['nothing', 'text', 'NULL'],
];

const T = '"__tenant__"';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
  await dataSource.destroy();
  for (const [name, value] of Object.entries(SETTINGS)) {
    await database.sql(`ALTER DATABASE ${database.name} SET ${name} TO '${value}'`);
  }
  const options = dataSourceOptions({ databasePoolSize: 2, logLevel: 'error' }, database.url);
  dataSource = await createTenantDataSource(options).initialize();
});

afterEach(async () => {
  const { registry, provisioner } = schemasOf(dataSource, []);
  for await (const client of registry.all()) await provisioner.drop(client);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** Clones a schema of those statements, which fill it as well. */
async function clone(...statements: string[]): Promise<void> {
  const history = [migration(1, ...statements)];
  const { registry, provisioner } = schemasOf(dataSource, history);
  const source = newClient('source');
  await provisioner.create(source);
  const cloner = new TenantCloner(dataSource, registry, readHistory(history, 'history'));
  await cloner.clone(source, newClient('target'));
}

async function valueOf(column: string, schema: string): Promise<string | undefined> {
  const [row] = await database.sql<{ value: string }>(
    `${EXACT}; SELECT t::text AS value FROM (SELECT ${column} FROM ${schema}.everything) AS t`,
  );
  return row?.value;
}

it.each(VALUES)(
  'copies %s as it is, in a domain, an array and a composite type',
  async (_name, type, value) => {
    await clone(
      'SET LOCAL array_nulls TO on',
      `CREATE DOMAIN ${T}.own AS ${type}`,
      `CREATE DOMAIN ${T}.deep AS ${T}.own`,
      `CREATE TYPE ${T}.pair AS (a ${type}, b ${T}.own)`,
      `CREATE TABLE ${T}.everything (plain ${type}, own ${T}.own, deep ${T}.deep, many ${T}.own[], pair ${T}.pair, pairs ${T}.pair[])`,
      `INSERT INTO ${T}.everything SELECT v, v, v, ARRAY[v::${T}.own], ROW(v, v)::${T}.pair, ARRAY[ROW(v, v)]::${T}.pair[]
     FROM (SELECT (${value})::${type} AS v) AS given`,
      'SET LOCAL array_nulls TO off',
    );
    for (const column of ['plain', 'own', 'deep', 'many', 'pair', 'pairs']) {
      expect([column, await valueOf(column, 'target')]).toEqual([
        column,
        await valueOf(column, 'source'),
      ]);
    }
  },
);

it('copies XML that is not a document', async () => {
  await clone(
    `CREATE DOMAIN ${T}.own AS xml`,
    `CREATE TABLE ${T}.everything (own ${T}.own)`,
    `SET LOCAL xmloption TO content`,
    `INSERT INTO ${T}.everything VALUES ('a <b/>')`,
    `SET LOCAL xmloption TO document`,
  );
  expect(await valueOf('own', 'target')).toBe(await valueOf('own', 'source'));
});

it("fills views under the login's settings", async () => {
  await clone(
    `CREATE TABLE ${T}.things (at timestamptz)`,
    `INSERT INTO ${T}.things VALUES ('2024-02-01 00:00:00+00')`,
    `CREATE MATERIALIZED VIEW ${T}.everything AS SELECT at::text, (1::float8 / 3)::text AS third FROM ${T}.things`,
  );
  expect(await valueOf('at, third', 'target')).toBe(await valueOf('at, third', 'source'));
});
