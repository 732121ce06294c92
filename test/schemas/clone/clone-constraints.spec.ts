// A clone holds rows to what the source's constraints hold them to: what is not validated or not enforced there checks
// no old row, whether a table has the constraint itself or inherits it. Afterwards both have the same constraints.
import type { DataSource } from 'typeorm';
import { readHistory, TenantCloner } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { collect, doctorFor } from '../doctor/doctor-support.js';
import { migration, newClient, openSchemas, schemasOf } from '../support.js';

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

/** All that the catalogue has of a schema's constraints. */
const constraintsOf = (schema: string): Promise<unknown[]> =>
  database.sql(
    `SELECT coalesce(c.relname, t.typname) AS owner, k.conname, k.conislocal, k.coninhcount, k.convalidated,
            k.conparentid <> 0 AS "hasParent", replace(pg_get_constraintdef(k.oid), $1 || '.', '') AS definition
     FROM pg_constraint AS k LEFT JOIN pg_class AS c ON c.oid = k.conrelid LEFT JOIN pg_type AS t ON t.oid = k.contypid
     WHERE k.connamespace = $1::regnamespace ORDER BY 1, 2, 7, 6`,
    [schema],
  );

/** Clones a schema of those statements, filled by the migration itself: behind it all rows are old. */
async function clone(...statements: string[]): Promise<void> {
  const history = [migration(1, ...statements)];
  const { registry, provisioner } = schemasOf(dataSource, history);
  const source = newClient('source');
  await provisioner.create(source);
  const cloner = new TenantCloner(dataSource, registry, readHistory(history, 'history'));
  await cloner.clone(source, newClient('target'));
  expect(await constraintsOf('target')).toEqual(await constraintsOf('source'));
  expect(await collect(doctorFor(dataSource, history))).toEqual([]);
}

const rowsOf = async (table: string): Promise<string[]> =>
  (await database.sql<{ row: string }>(`SELECT t::text AS row FROM ${table} AS t ORDER BY 1`)).map(
    ({ row }) => row,
  );

describe('a CHECK that is not validated', () => {
  it('is inherited by the partitions', async () => {
    await clone(
      `CREATE TABLE ${T}.days (day int, n int) PARTITION BY RANGE (day)`,
      `CREATE TABLE ${T}.early PARTITION OF ${T}.days FOR VALUES FROM (0) TO (10)`,
      `INSERT INTO ${T}.days VALUES (1, -1)`,
      `ALTER TABLE ${T}.days ADD CONSTRAINT positive CHECK (n > 0) NOT VALID`,
    );
    expect(await rowsOf('target.early')).toEqual(['(1,-1)']);
    await expect(database.sql('INSERT INTO target.days VALUES (2, -2)')).rejects.toThrow(
      'positive',
    );
  });

  it('is inherited over several levels, and validated by some', async () => {
    await clone(
      `CREATE TABLE ${T}.days (day int, n int) PARTITION BY RANGE (day)`,
      `CREATE TABLE ${T}.a_part PARTITION OF ${T}.days FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (day)`,
      `CREATE TABLE ${T}.a_leaf PARTITION OF ${T}.a_part FOR VALUES FROM (0) TO (5)`,
      `INSERT INTO ${T}.days VALUES (1, -1)`,
      `ALTER TABLE ${T}.days ADD CONSTRAINT positive CHECK (n > 0) NOT VALID`,
      `CREATE TABLE ${T}.later PARTITION OF ${T}.a_part FOR VALUES FROM (5) TO (10)`,
      `CREATE TABLE ${T}.valid (day int, n int, CONSTRAINT positive CHECK (n > 0))`,
      `ALTER TABLE ${T}.days ATTACH PARTITION ${T}.valid FOR VALUES FROM (10) TO (20)`,
      `CREATE TABLE ${T}.old (day int, n int)`,
      `INSERT INTO ${T}.old VALUES (20, -2)`,
      `ALTER TABLE ${T}.old ADD CONSTRAINT positive CHECK (n > 0) NOT VALID`,
      `ALTER TABLE ${T}.days ATTACH PARTITION ${T}.old FOR VALUES FROM (20) TO (30)`,
    );
    expect(await rowsOf('target.days')).toEqual(['(1,-1)', '(20,-2)']);
  });

  it.each([
    ['of its own as well, not validated', 'NOT VALID'],
    ['of its own as well, validated', ''],
  ])('is inherited by a child that has it %s', async (_what, validity) => {
    await clone(
      `CREATE TABLE ${T}.animals (n int)`,
      `CREATE TABLE ${T}.a_cats () INHERITS (${T}.animals)`,
      `CREATE TABLE ${T}.a_kittens () INHERITS (${T}.a_cats)`,
      `INSERT INTO ${T}.animals VALUES (-1)`,
      ...(validity
        ? [`INSERT INTO ${T}.a_cats VALUES (-2)`, `INSERT INTO ${T}.a_kittens VALUES (-3)`]
        : []),
      `ALTER TABLE ${T}.a_cats ADD CONSTRAINT positive CHECK (n > 0) ${validity}`,
      `ALTER TABLE ${T}.animals ADD CONSTRAINT positive CHECK (n > 0) NOT VALID`,
      `ALTER TABLE ${T}.animals ADD CONSTRAINT own CHECK (n <> -1) NO INHERIT NOT VALID`,
    );
    expect(await rowsOf('ONLY target.animals')).toEqual(['(-1)']);
    expect(await rowsOf('target.a_cats')).toEqual(validity ? ['(-2)', '(-3)'] : []);
    for (const table of ['animals', 'a_cats', 'a_kittens']) {
      await expect(database.sql(`INSERT INTO target.${table} VALUES (-9)`)).rejects.toThrow(
        'positive',
      );
    }
  });

  it('is inherited from two parents', async () => {
    await clone(
      `CREATE TABLE ${T}.a (n int)`,
      `CREATE TABLE ${T}.z (n int)`,
      `CREATE TABLE ${T}.both () INHERITS (${T}.a, ${T}.z)`,
      `INSERT INTO ${T}.both VALUES (-1)`,
      `ALTER TABLE ${T}.a ADD CONSTRAINT positive CHECK (n > 0) NOT VALID`,
      `ALTER TABLE ${T}.z ADD CONSTRAINT positive CHECK (n > 0) NOT VALID`,
    );
    expect(await rowsOf('target.both')).toEqual(['(-1)']);
  });
});

it('does not take an equally named constraint of another table along', async () => {
  await clone(
    `CREATE TABLE ${T}.a (n int CONSTRAINT positive CHECK (n > 0))`,
    `CREATE TABLE ${T}.b (n int)`,
    `INSERT INTO ${T}.b VALUES (-1)`,
    `ALTER TABLE ${T}.b ADD CONSTRAINT positive CHECK (n > 0) NOT VALID`,
  );
  expect(await rowsOf('target.b')).toEqual(['(-1)']);
});

it('keeps values that break a constraint of their domain that is not validated', async () => {
  await clone(
    `CREATE DOMAIN ${T}.zip AS text`,
    `CREATE DOMAIN ${T}.zip5 AS ${T}.zip`,
    `CREATE TYPE ${T}.place AS (zip ${T}.zip)`,
    `CREATE TABLE ${T}.p (id int, zip ${T}.zip, zips ${T}.zip[], five ${T}.zip5, place ${T}.place)`,
    `INSERT INTO ${T}.p VALUES (1, 'x', '{y}', 'z', ROW('w'))`,
    `ALTER DOMAIN ${T}.zip ADD CONSTRAINT digits CHECK (VALUE ~ '^[0-9]+$') NOT VALID`,
  );
  expect(await rowsOf('target.p')).toEqual(['(1,x,{y},z,"(w)")']);
  await expect(database.sql(`INSERT INTO target.p VALUES (2, 'x')`)).rejects.toThrow('digits');
});

it('keeps rows that break a foreign key that is not validated, of a table and in a cycle', async () => {
  await clone(
    `CREATE TABLE ${T}.a (id int PRIMARY KEY, b int)`,
    `CREATE TABLE ${T}.b (id int PRIMARY KEY, a int REFERENCES ${T}.a)`,
    `INSERT INTO ${T}.a VALUES (1, 7)`,
    `ALTER TABLE ${T}.a ADD CONSTRAINT old FOREIGN KEY (b) REFERENCES ${T}.b NOT VALID`,
  );
  expect(await rowsOf('target.a')).toEqual(['(1,7)']);
});

it('keeps the names of the foreign keys of partitions that are part of a cycle', async () => {
  await clone(
    `CREATE TABLE ${T}.days (day int PRIMARY KEY, home int) PARTITION BY RANGE (day)`,
    `CREATE TABLE ${T}.a_homes (id int PRIMARY KEY, day int REFERENCES ${T}.days)`,
    `CREATE TABLE ${T}.early (day int NOT NULL, home int, CONSTRAINT mine FOREIGN KEY (home) REFERENCES ${T}.a_homes)`,
    `ALTER TABLE ${T}.days ADD CONSTRAINT at_home FOREIGN KEY (home) REFERENCES ${T}.a_homes`,
    `ALTER TABLE ${T}.days ATTACH PARTITION ${T}.early FOR VALUES FROM (0) TO (10)`,
    `INSERT INTO ${T}.days VALUES (1, NULL)`,
    `INSERT INTO ${T}.a_homes VALUES (5, 1)`,
    `UPDATE ${T}.days SET home = 5`,
  );
  expect(await rowsOf('target.early')).toEqual(['(1,5)']);
});

describe('since PostgreSQL 18', () => {
  it('keeps rows that break a NOT NULL that is not validated', async () => {
    await clone(
      `CREATE TABLE ${T}.p (id int PRIMARY KEY, email text)`,
      `INSERT INTO ${T}.p VALUES (1, NULL)`,
      `ALTER TABLE ${T}.p ADD CONSTRAINT e NOT NULL email NOT VALID`,
    );
    expect(await rowsOf('target.p')).toEqual(['(1,)']);
    await expect(database.sql('INSERT INTO target.p VALUES (2, NULL)')).rejects.toThrow('email');
  });

  it('keeps those of partitions and children, some of which have validated it', async () => {
    await clone(
      `CREATE TABLE ${T}.days (day int, n int) PARTITION BY RANGE (day)`,
      `CREATE TABLE ${T}.early PARTITION OF ${T}.days FOR VALUES FROM (0) TO (10)`,
      `INSERT INTO ${T}.days VALUES (1, NULL)`,
      `ALTER TABLE ${T}.days ADD CONSTRAINT e NOT NULL n NOT VALID`,
      `CREATE TABLE ${T}.late PARTITION OF ${T}.days FOR VALUES FROM (10) TO (20)`,
      `CREATE TABLE ${T}.animals (n int)`,
      `CREATE TABLE ${T}.a_cats () INHERITS (${T}.animals)`,
      `INSERT INTO ${T}.a_cats VALUES (NULL)`,
      `ALTER TABLE ${T}.a_cats ADD CONSTRAINT of_cats NOT NULL n NOT VALID`,
      `ALTER TABLE ${T}.animals ADD CONSTRAINT of_animals NOT NULL n NOT VALID`,
    );
    expect(await rowsOf('target.early')).toEqual(['(1,)']);
    expect(await rowsOf('target.a_cats')).toEqual(['()']);
  });

  it('keeps rows that break constraints that are not enforced', async () => {
    await clone(
      `CREATE TABLE ${T}.a (id int PRIMARY KEY, n int CONSTRAINT unchecked CHECK (n > 0) NOT ENFORCED)`,
      `CREATE TABLE ${T}.b (a int CONSTRAINT unchecked_key REFERENCES ${T}.a NOT ENFORCED)`,
      `CREATE TABLE ${T}.days (day int, n int CONSTRAINT of_days CHECK (n > 0) NOT ENFORCED) PARTITION BY RANGE (day)`,
      `CREATE TABLE ${T}.early PARTITION OF ${T}.days FOR VALUES FROM (0) TO (10)`,
      `CREATE TABLE ${T}.animals (n int)`,
      `CREATE TABLE ${T}.a_cats () INHERITS (${T}.animals)`,
      `INSERT INTO ${T}.a_cats VALUES (-1)`,
      `ALTER TABLE ${T}.a_cats ADD CONSTRAINT positive CHECK (n > 0) NOT VALID`,
      `ALTER TABLE ${T}.animals ADD CONSTRAINT positive CHECK (n > 0) NOT ENFORCED`,
      `INSERT INTO ${T}.a VALUES (1, -1)`,
      `INSERT INTO ${T}.b VALUES (9)`,
      `INSERT INTO ${T}.days VALUES (1, -1)`,
    );
    expect(await rowsOf('target.a')).toEqual(['(1,-1)']);
    expect(await rowsOf('target.b')).toEqual(['(9)']);
    expect(await rowsOf('target.early')).toEqual(['(1,-1)']);
    expect(await rowsOf('target.a_cats')).toEqual(['(-1)']);
  });

  it('keeps rows that break a foreign key of partitions, some of which have validated it', async () => {
    await clone(
      `CREATE TABLE ${T}.homes (id int PRIMARY KEY)`,
      `CREATE TABLE ${T}.days (day int, home int) PARTITION BY RANGE (day)`,
      `CREATE TABLE ${T}.early PARTITION OF ${T}.days FOR VALUES FROM (0) TO (10)`,
      `CREATE TABLE ${T}.late PARTITION OF ${T}.days FOR VALUES FROM (10) TO (20)`,
      `INSERT INTO ${T}.days VALUES (1, 9)`,
      `ALTER TABLE ${T}.days ADD CONSTRAINT at_home FOREIGN KEY (home) REFERENCES ${T}.homes NOT VALID`,
      `ALTER TABLE ${T}.late VALIDATE CONSTRAINT at_home`,
    );
    expect(await rowsOf('target.early')).toEqual(['(1,9)']);
  });

  it('distinguishes validated and not validated NOT NULL constraints', async () => {
    const made = (validity: string) => [
      migration(
        1,
        `CREATE TABLE ${T}.p (email text)`,
        `ALTER TABLE ${T}.p ADD CONSTRAINT e NOT NULL email ${validity}`,
      ),
    ];
    await schemasOf(dataSource, made('NOT VALID')).provisioner.create(newClient('source'));
    expect(await collect(doctorFor(dataSource, made('')))).toMatchObject([
      {
        code: 'STRUCTURE_DIFFERS',
        problem: expect.stringContaining('it has column p.email text NOT NULL NOT VALID'),
      },
    ]);
  });
});
