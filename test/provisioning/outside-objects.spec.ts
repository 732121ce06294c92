// Migrations run with a search path of their own, never the login's, and a tenant migration leaves no new object outside
// the tenant's schema.
import type { DataSource } from 'typeorm';
import type { MigrationClass } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { migration, newClient, openSchemas, schemasOf, traces } from '../schemas/support.js';
import { clone, findings, live, migrate, T } from './support.js';

let database: TestDatabase;
let dataSource: DataSource;

/** A stock database, in which names without a schema are those of `public`. */
beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
  await database.sql(`ALTER DATABASE "${database.name}" SET search_path TO "$user", public`);
  await database.sql('CREATE TABLE public.shared (id int PRIMARY KEY)');
  await dataSource.destroy();
  await dataSource.initialize();
});

afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** What a schema has, beside what the engine made there. */
async function relations(schema: string): Promise<string[]> {
  const rows = await database.sql<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relname !~ '^(tenant_schemas_|clients|audit_)'
     AND relkind IN ('r', 'v', 'S') ORDER BY relname`,
    [schema],
  );
  return rows.map(({ name }) => name);
}

const UNQUALIFIED: readonly MigrationClass[] = [
  migration(1, 'CREATE TABLE note (id int PRIMARY KEY)'),
  migration(
    2,
    'SELECT 1',
    'ALTER TABLE note ADD COLUMN text text',
    'CREATE VIEW notes AS SELECT id FROM note',
  ),
];

it('makes what names no schema in the tenant: created, migrated, cloned, reverted', async () => {
  const lived = await live(dataSource, UNQUALIFIED);
  await schemasOf(dataSource, UNQUALIFIED).provisioner.create(newClient('fresh'), (manager) =>
    manager.query('INSERT INTO note VALUES (1)'),
  );
  await clone(dataSource, UNQUALIFIED, lived, 'copied');
  for (const schema of ['lived', 'fresh', 'copied']) {
    expect(await relations(schema)).toEqual(['note', 'notes']);
  }
  expect(await relations('public')).toEqual(['shared']);
  expect(await findings(dataSource, UNQUALIFIED)).toEqual([]);
  expect(await database.sql('SELECT id FROM fresh.note')).toEqual([{ id: 1 }]);
});

it('runs migrations outside transactions with the same path', async () => {
  const outside = class {
    name = 'Step1700000003000';
    transaction = false as const;

    async up(queryRunner: { query(sql: string): Promise<unknown> }): Promise<void> {
      await queryRunner.query('CREATE INDEX CONCURRENTLY note_text ON note (text)');
      await queryRunner.query('CREATE TABLE more (id int)');
    }

    async down(queryRunner: { query(sql: string): Promise<unknown> }): Promise<void> {
      await queryRunner.query('DROP TABLE more');
      await queryRunner.query('DROP INDEX CONCURRENTLY note_text');
    }

    upInNewSchema(queryRunner: { query(sql: string): Promise<unknown> }): Promise<unknown> {
      return queryRunner.query('CREATE INDEX note_text ON note (text); CREATE TABLE more (id int)');
    }
  } as unknown as MigrationClass;
  const history = [...UNQUALIFIED, outside];
  await live(dataSource, history);
  expect(await relations('lived')).toEqual(['more', 'note', 'notes']);
  for await (const { error } of schemasOf(dataSource, history).migrator.revertAll({}, 1)) {
    expect(error).toBeUndefined();
  }
  expect(await relations('lived')).toEqual(['note', 'notes']);
  expect(await relations('public')).toEqual(['shared']);
  expect(await dataSource.query('SHOW search_path')).toEqual([{ search_path: '"$user", public' }]);
});

it('runs the shared history in public, whatever the path of the login', async () => {
  await database.sql(`ALTER DATABASE "${database.name}" SET search_path TO ''`);
  await dataSource.destroy();
  await dataSource.initialize();
  const { sharedMigrations } = await import('../../src/database/migrations/shared/index.js');
  const later = migration(900_000_000, 'CREATE TABLE countries (id int)');
  const { migrator } = schemasOf(dataSource, [], [...sharedMigrations, later]);
  expect(await migrator.migrateShared()).toMatchObject({ status: 'applied' });
  expect(await relations('public')).toEqual(['countries', 'shared']);
});

const LEAVES: readonly (readonly [string, string, string])[] = [
  ['a table', 'CREATE TABLE public.note (id int)', 'table public.note'],
  [
    'a table in a savepoint',
    'SAVEPOINT a; CREATE TABLE public.note (id int); RELEASE a',
    'table public.note',
  ],
  [
    'a table in a block that catches errors',
    'DO $$ BEGIN CREATE TABLE public.note (id int); EXCEPTION WHEN OTHERS THEN NULL; END $$',
    'table public.note',
  ],
  ['a view', 'CREATE VIEW public.v AS SELECT 1 AS one', 'view public.v'],
  [
    'a materialized view',
    'CREATE MATERIALIZED VIEW public.m AS SELECT 1 AS one',
    'materialized view public.m',
  ],
  ['a sequence', 'CREATE SEQUENCE public.s', 'sequence public.s'],
  ['an enum', `CREATE TYPE public.mood AS ENUM ('sad')`, 'type public.mood'],
  ['a composite type', 'CREATE TYPE public.pair AS (a int, b int)', 'type public.pair'],
  ['a domain', 'CREATE DOMAIN public.positive AS int CHECK (VALUE > 0)', 'type public.positive'],
  [
    'a function',
    `CREATE FUNCTION public.f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
    'function public.f(integer)',
  ],
  ['an index', 'CREATE INDEX mine ON public.shared (id)', 'index public.mine'],
  ['a collation', 'CREATE COLLATION public.c FROM "C"', 'collation public.c'],
  ['a schema', 'CREATE SCHEMA reports', 'schema reports'],
  ['a table that it moves', `ALTER TABLE ${T}.one SET SCHEMA public`, 'table public.one'],
  [
    'a function that it moves',
    `ALTER FUNCTION ${T}.own() SET SCHEMA public`,
    'function public.own()',
  ],
  ['a table after a question', 'SELECT 1; CREATE TABLE public.note (id int)', 'table public.note'],
];

const ONE = migration(
  1,
  `CREATE TABLE ${T}.one (id int)`,
  `CREATE FUNCTION ${T}.own() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
);

describe.each(LEAVES)('A migration that leaves %s outside', (_what, statement, named) => {
  it('is rolled back in new and existing tenants, and the error names the object', async () => {
    await schemasOf(dataSource, [ONE]).provisioner.create(newClient('other'));
    const history = [ONE, migration(2, statement)];
    const message = `It leaves objects outside the tenant's schema: ${named}.`;
    const creation = schemasOf(dataSource, history).provisioner.create(newClient('fresh'));
    await expect(creation).rejects.toMatchObject({
      migration: 'Step1700000002000',
      state: 'removed',
    });
    await expect(creation).rejects.toThrow(message);
    const migrating = migrate(dataSource, history);
    await expect(migrating).rejects.toMatchObject({ state: 'as before' });
    await expect(migrating).rejects.toThrow(message);
    expect(await traces(database)).toEqual(['row other', 'schema other']);
    expect(await relations('public')).toEqual(['shared']);
    expect(await findings(dataSource, [ONE])).toEqual([]);
  });
});

it.each([
  ['table other.note', 'CREATE TABLE other.note (id int)'],
  ['function other.f()', `CREATE FUNCTION other.f() RETURNS int LANGUAGE sql AS 'SELECT 1'`],
])('rolls a migration back that leaves %s in another tenant', async (named, statement) => {
  await schemasOf(dataSource, [ONE]).provisioner.create(newClient('other'));
  await schemasOf(dataSource, [ONE]).provisioner.create(newClient('acme'));
  const { migrator } = schemasOf(dataSource, [ONE, migration(2, statement)]);
  for await (const { error } of migrator.migrateAll({ schemas: ['acme'] })) {
    expect(error?.message).toContain(`outside the tenant's schema: ${named}.`);
  }
  expect(await findings(dataSource, [ONE])).toEqual([]);
});

it('rolls a revert back that leaves an object outside', async () => {
  const two = class extends migration(2, 'SELECT 1') {
    override async down(queryRunner: { query(sql: string): Promise<unknown> }): Promise<void> {
      await queryRunner.query('CREATE TABLE public.note (id int)');
    }
  };
  await live(dataSource, [ONE, two]);
  for await (const { error } of schemasOf(dataSource, [ONE, two]).migrator.revertAll({}, 1)) {
    expect(error?.message).toContain('table public.note');
  }
  expect(await relations('public')).toEqual(['shared']);
  expect(await findings(dataSource, [ONE, two])).toEqual([]);
});

it.each([
  [
    'a temporary table, its sequence and a function',
    'CREATE TEMP TABLE t (id serial); CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
  ],
  [
    'a table with what the server adds',
    `CREATE TABLE ${T}.big (id serial PRIMARY KEY, text text UNIQUE, n int GENERATED ALWAYS AS IDENTITY)`,
  ],
  [
    'a change of a shared table',
    'ALTER TABLE public.shared ADD COLUMN IF NOT EXISTS note text UNIQUE, ADD COLUMN IF NOT EXISTS n serial',
  ],
  [
    'a change of shared objects',
    `CREATE OR REPLACE FUNCTION public.old() RETURNS int LANGUAGE sql AS 'SELECT 2'; ALTER DOMAIN public.old_domain SET DEFAULT 1`,
  ],
  ['the drop of a shared object', 'DROP TABLE IF EXISTS public.gone'],
  [
    'an extension in its schema',
    'CREATE SCHEMA IF NOT EXISTS extensions; CREATE EXTENSION IF NOT EXISTS citext SCHEMA extensions',
  ],
  ['an extension in the shared schema', 'CREATE EXTENSION IF NOT EXISTS citext SCHEMA public'],
  [
    'a function that refers to a shared table',
    `CREATE FUNCTION ${T}.g() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM public.shared; END`,
  ],
])('applies a migration with %s', async (_what, statements) => {
  await database.sql(
    `CREATE FUNCTION public.old() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE DOMAIN public.old_domain AS int;
     CREATE TABLE public.gone (id int)`,
  );
  const history = [ONE, migration(2, statements)];
  await live(dataSource, history);
  await schemasOf(dataSource, history).provisioner.create(newClient('fresh'));
  expect(await findings(dataSource, history)).toEqual([]);
});

it('makes an extension without a schema in the tenant that asks for it first', async () => {
  const history = [
    migration(1, 'CREATE EXTENSION IF NOT EXISTS citext', `CREATE TABLE ${T}.p (id int)`),
  ];
  await schemasOf(dataSource, history).provisioner.create(newClient('first'));
  expect(
    await database.sql(
      `SELECT extnamespace::regnamespace::text AS schema FROM pg_extension WHERE extname = 'citext'`,
    ),
  ).toEqual([{ schema: 'first' }]);
});

it('does not blame a migration for what another connection makes meanwhile', async () => {
  const history = [
    ONE,
    class {
      name = 'Step1700000002000';

      async up(queryRunner: { query(sql: string): Promise<unknown> }): Promise<void> {
        await queryRunner.query(`ALTER TABLE ${T}.one ADD COLUMN two int`);
        await queryRunner.query('SELECT 1');
        await database.sql(
          `CREATE TABLE IF NOT EXISTS public.theirs (id int);
           CREATE OR REPLACE FUNCTION public.theirs() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
        );
      }

      down(): Promise<void> {
        return Promise.resolve();
      }
    },
  ];
  await live(dataSource, history);
  await schemasOf(dataSource, history).provisioner.create(newClient('fresh'));
  expect(await relations('public')).toEqual(['shared', 'theirs']);
});
