// A clone computes derived data only from rows that it has already copied. It refreshes materialized views in the order of their
// dependencies, and fills tables in the order in which functions read them. It adds a CHECK that calls a function after all
// tables are filled. If no order works, it is rejected with the reason.
import type { DataSource } from 'typeorm';
import { CloneRefusedError, readHistory, TenantCloner } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { collect, doctorFor } from '../doctor/doctor-support.js';
import { migration, newClient, openSchemas, schemasOf, traces } from '../support.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
});

afterEach(async () => {
  const { registry, provisioner } = schemasOf(dataSource, []);
  for await (const client of registry.all()) await provisioner.drop(client);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const T = '"__tenant__"';

/** Clones a schema of those statements, after another one has filled it. */
async function clone(statements: readonly string[], fill: string): Promise<void> {
  const history = [migration(1, ...statements)];
  const { registry, provisioner } = schemasOf(dataSource, history);
  const source = newClient('source');
  await provisioner.create(source);
  await database.sql(fill);
  const cloner = new TenantCloner(dataSource, registry, readHistory(history, 'history'));
  await cloner.clone(source, newClient('target'));
  expect(await collect(doctorFor(dataSource, history))).toEqual([]);
}

const valuesOf = async (query: string): Promise<unknown[]> =>
  (await database.sql(query)).map((row) => Object.values(row));

describe('materialized views', () => {
  it('are refreshed behind those that they read through a view that was replaced', async () => {
    await clone(
      [
        `CREATE TABLE ${T}.p (id int)`,
        `CREATE VIEW ${T}.v AS SELECT count(*) AS n FROM ${T}.p`,
        `CREATE MATERIALIZED VIEW ${T}.m1 AS SELECT n FROM ${T}.v`,
        `CREATE MATERIALIZED VIEW ${T}.m2 AS SELECT count(*) AS n FROM ${T}.p`,
        `CREATE OR REPLACE VIEW ${T}.v AS SELECT n FROM ${T}.m2`,
      ],
      `INSERT INTO source.p VALUES (1), (2); REFRESH MATERIALIZED VIEW source.m2; REFRESH MATERIALIZED VIEW source.m1`,
    );
    expect(await valuesOf('SELECT a.n, b.n AS m FROM target.m1 AS a, target.m2 AS b')).toEqual([
      ['2', '2'],
    ]);
  });

  it.each([
    ['a function in a string', `LANGUAGE sql STABLE AS 'SELECT n FROM "__tenant__".m2'`],
    [
      'a function that calls another one',
      `LANGUAGE plpgsql STABLE AS 'BEGIN RETURN "__tenant__".inner_count(); END'`,
    ],
    [
      'a function that the server has parsed',
      `LANGUAGE sql STABLE BEGIN ATOMIC SELECT n FROM "__tenant__".m2; END`,
    ],
  ])('are refreshed behind those that they read through %s', async (_what, body) => {
    await clone(
      [
        `CREATE TABLE ${T}.p (id int)`,
        `CREATE FUNCTION ${T}.many() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT 0::bigint'`,
        `CREATE MATERIALIZED VIEW ${T}.m1 AS SELECT ${T}.many() AS n`,
        `CREATE MATERIALIZED VIEW ${T}.m2 AS SELECT count(*) AS n FROM ${T}.p`,
        `CREATE FUNCTION ${T}.inner_count() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT n FROM ${T}.m2'`,
        `CREATE OR REPLACE FUNCTION ${T}.many() RETURNS bigint ${body}`,
      ],
      `INSERT INTO source.p VALUES (1), (2); REFRESH MATERIALIZED VIEW source.m2; REFRESH MATERIALIZED VIEW source.m1`,
    );
    expect(await valuesOf('SELECT n FROM target.m1')).toEqual([['2']]);
  });
});

const KINDS = `CREATE TABLE ${T}.z_kinds (kind text PRIMARY KEY)`;
const IS_KIND = (name: string, volatility = 'STABLE'): string =>
  `CREATE FUNCTION ${T}.${name}(k text) RETURNS boolean LANGUAGE sql ${volatility}
     AS 'SELECT EXISTS (SELECT FROM ${T}.z_kinds WHERE kind = k)'`;
const FILL = `INSERT INTO source.z_kinds VALUES ('a'); INSERT INTO source.a_things (id, kind) VALUES (1, 'a')`;

describe('a CHECK that reads another table', () => {
  it.each([
    ['of a table', [`CREATE TABLE ${T}.a_things (id int, kind text CHECK (${T}.is_kind(kind)))`]],
    [
      'of a partitioned table',
      [
        `CREATE TABLE ${T}.a_things (id int, kind text CHECK (${T}.is_kind(kind))) PARTITION BY RANGE (id)`,
        `CREATE TABLE ${T}.a_part PARTITION OF ${T}.a_things FOR VALUES FROM (0) TO (10)`,
      ],
    ],
    [
      'by an operator',
      [
        `CREATE OPERATOR ${T}.? (FUNCTION = ${T}.is_kind, RIGHTARG = text)`,
        `CREATE TABLE ${T}.a_things (id int, kind text CHECK (OPERATOR(${T}.?) kind))`,
      ],
    ],
    [
      'in a cycle of foreign keys',
      [
        `CREATE TABLE ${T}.a_things (id int PRIMARY KEY, kind text CHECK (${T}.is_kind(kind)) REFERENCES ${T}.z_kinds)`,
        `ALTER TABLE ${T}.z_kinds ADD COLUMN thing int REFERENCES ${T}.a_things`,
      ],
    ],
  ])('holds in the clone, %s', async (_what, things) => {
    await clone([KINDS, IS_KIND('is_kind'), ...things], FILL);
    expect(await valuesOf('SELECT id, kind FROM target.a_things')).toEqual([[1, 'a']]);
    await expect(database.sql(`INSERT INTO target.a_things VALUES (2, 'b')`)).rejects.toMatchObject(
      {
        code: '23514',
      },
    );
  });

  it('that the rows break by now is a refusal, and leaves nothing', async () => {
    const refused = clone(
      [
        KINDS,
        IS_KIND('is_kind'),
        `CREATE TABLE ${T}.a_things (id int, kind text CHECK (${T}.is_kind(kind)))`,
      ],
      `${FILL}; DELETE FROM source.z_kinds`,
    );
    await expect(refused).rejects.toThrow(CloneRefusedError);
    await expect(refused).rejects.toThrow(
      'Schema "source" was not cloned: its rows break one of its own constraints (check constraint ' +
        '"a_things_kind_check" of relation "a_things" is violated by some row)',
    );
    expect(await traces(database)).toEqual(['row source', 'schema source']);
  });
});

describe('rows are worked out from a table that is filled before', () => {
  it.each([
    [
      'a generated column',
      [
        IS_KIND('is_kind', 'IMMUTABLE'),
        `CREATE TABLE ${T}.a_things (id int, kind text, known boolean GENERATED ALWAYS AS (${T}.is_kind(kind)) STORED)`,
      ],
      'SELECT known FROM target.a_things',
    ],
    [
      'a partial index',
      [
        IS_KIND('is_kind', 'IMMUTABLE'),
        `CREATE TABLE ${T}.a_things (id int, kind text)`,
        `CREATE INDEX known ON ${T}.a_things (id) WHERE ${T}.is_kind(kind)`,
      ],
      `SET enable_seqscan TO off; SELECT count(*) = 1 FROM target.a_things WHERE target.is_kind(kind)`,
    ],
    [
      'an index of an expression, by a function that calls another one',
      [
        IS_KIND('inner_kind', 'IMMUTABLE'),
        `CREATE FUNCTION ${T}.outer_kind(k text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
           AS 'BEGIN RETURN (SELECT ${T}.inner_kind(k)); END'`,
        `CREATE TABLE ${T}.a_things (id int, kind text)`,
        `CREATE INDEX known ON ${T}.a_things ((${T}.outer_kind(kind)))`,
      ],
      `SET enable_seqscan TO off; SELECT count(*) = 1 FROM target.a_things WHERE target.outer_kind(kind) = true`,
    ],
    [
      'a domain',
      [
        IS_KIND('is_kind'),
        `CREATE DOMAIN ${T}.kind AS text CHECK (${T}.is_kind(VALUE))`,
        `CREATE TABLE ${T}.a_things (id int, kind ${T}.kind, more ${T}.kind[])`,
      ],
      `SELECT kind = 'a' FROM target.a_things`,
    ],
    [
      'a generated column, through a view',
      [
        `CREATE VIEW ${T}.seen AS SELECT kind FROM ${T}.z_kinds`,
        `CREATE FUNCTION ${T}.is_kind(k text) RETURNS boolean LANGUAGE sql IMMUTABLE
           AS 'SELECT EXISTS (SELECT FROM ${T}.seen WHERE kind = k)'`,
        `CREATE TABLE ${T}.a_things (id int, kind text, known boolean GENERATED ALWAYS AS (${T}.is_kind(kind)) STORED)`,
      ],
      'SELECT known FROM target.a_things',
    ],
  ])('by %s', async (_what, statements, query) => {
    await clone([KINDS, ...statements], FILL);
    expect(await valuesOf(query)).toEqual([[true]]);
  });

  it('refuses tables that read one another', async () => {
    const refused = clone(
      [
        `CREATE TABLE ${T}.a (id int, n int)`,
        `CREATE TABLE ${T}.b (id int, n int)`,
        ...['a', 'b'].map(
          (table) => `CREATE FUNCTION ${T}.of_${table}() RETURNS bigint LANGUAGE sql IMMUTABLE
                        AS 'SELECT count(*) FROM ${T}.${table}'`,
        ),
        `ALTER TABLE ${T}.a ADD COLUMN others bigint GENERATED ALWAYS AS (${T}.of_b() + n) STORED`,
        `CREATE INDEX others ON ${T}.b ((${T}.of_a() + n))`,
      ],
      'SELECT 1',
    );
    await expect(refused).rejects.toThrow(CloneRefusedError);
    await expect(refused).rejects.toThrow('relations first (a, b)');
  });
});
