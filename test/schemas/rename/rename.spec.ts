// A renamed schema is as it was, and nothing in it has the old name: what follows by itself does, functions are
// made again, and what can do neither is a refusal that changes nothing.
import type { DataSource } from 'typeorm';
import pg from 'pg';
import {
  createTenantDataSource,
  describeSchema,
  MIGRATIONS_TABLE,
  type MigrationClass,
  SchemaNameInvalidError,
  TenantConflictError,
  TenantNotFoundError,
  TenantRenamer,
} from 'nest-tenant-schemas';
import { dataSourceOptions } from '../../../src/database/data-source-options.js';
import { countStatements, failStatementsFrom } from '../../support/sent-statements.js';
import { Observer, type TestDatabase, withDatabase } from 'test-support/test-database.js';
import { testServer } from 'test-support/test-server.js';
import { everything, rows } from '../clone/clone-support.js';
import { migration, newClient, openSchemas, schemasOf, traces } from '../support.js';

let database: TestDatabase;
let dataSource: DataSource;
let renamer: TenantRenamer<ReturnType<typeof newClient>>;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
  renamer = new TenantRenamer(dataSource, schemasOf(dataSource, []).registry);
});

afterEach(async () => {
  jest.restoreAllMocks();
  const { registry, provisioner } = schemasOf(dataSource, []);
  for await (const client of registry.all()) await provisioner.drop(client);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

async function provisioned(
  schema: string,
  history: readonly MigrationClass[] = everything,
): Promise<ReturnType<typeof newClient>> {
  const client = newClient(schema);
  await schemasOf(dataSource, history).provisioner.create(client);
  return client;
}

async function describeOne(schema: string): Promise<string[]> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    return await describeSchema(queryRunner, schema);
  } finally {
    await queryRunner.release();
  }
}

const comment = (schema: string): Promise<unknown> =>
  database.sql(
    `SELECT obj_description('${schema}.${MIGRATIONS_TABLE}'::regclass, 'pg_class') AS comment`,
  );

it('renames the row and the schema, whose structure, rows and migrations table stay', async () => {
  const old = await provisioned('old');
  await database.sql(rows('old'));
  const [structure, fingerprint] = [await describeOne('old'), await comment('old')];
  const renamed = await renamer.rename(old, { schema: 'fresh', name: 'Fresh' });

  expect(renamed).toEqual({ ...old, schema: 'fresh', name: 'Fresh' });
  expect(renamed).toBeInstanceOf(old.constructor);
  expect(await schemasOf(dataSource, []).registry.find(old.id)).toEqual(renamed);
  expect(await traces(database)).toEqual(['row fresh', 'schema fresh']);
  expect(await describeOne('fresh')).toEqual(structure);
  expect(await comment('fresh')).toEqual(fingerprint);
  const { migrator } = schemasOf(dataSource, everything);
  expect(await migrator.migrateTenant(renamed)).toMatchObject({ status: 'skipped' });
});

it('renames for a login that quotes all names', async () => {
  const old = await provisioned('old', [
    migration(
      1,
      `CREATE FUNCTION "__tenant__".one() RETURNS int LANGUAGE sql SECURITY DEFINER
         SET search_path = "__tenant__", pg_temp AS 'SELECT 1'`,
    ),
  ]);
  const url = new URL(database.url);
  url.searchParams.set('options', '-c quote_all_identifiers=on');
  const options = dataSourceOptions({ databasePoolSize: 2, logLevel: 'error' }, url.href);
  const quoting = await createTenantDataSource(options).initialize();
  try {
    const { registry } = schemasOf(quoting, []);
    const setting = await quoting.query('SHOW quote_all_identifiers');
    expect(setting).toEqual([{ quote_all_identifiers: 'on' }]);
    await new TenantRenamer(quoting, registry).rename(old, { schema: 'fresh' });
  } finally {
    await quoting.destroy();
  }
  expect(await database.sql('SELECT fresh.one()')).toEqual([{ one: 1 }]);
});

it('keeps functions, triggers, views, defaults and sequences at work', async () => {
  const old = await provisioned('old');
  await database.sql(rows('old'));
  await renamer.rename(old, { schema: 'fresh' });
  expect(
    await database.sql(
      `INSERT INTO fresh.posts (title, status) VALUES ('next', 'done') RETURNING id, ticket::int, twice`,
    ),
  ).toEqual([{ id: 2, ticket: 110, twice: 4 }]);
  expect(await database.sql('SELECT title FROM fresh.audit ORDER BY id')).toEqual(
    ['child', 'one', 'next'].map((title) => ({ title })),
  );
  expect(await database.sql('SELECT fresh.titles() AS title')).toEqual(
    ['one', 'next', 'child'].map((title) => ({ title })),
  );
  expect(
    await database.sql(
      `REFRESH MATERIALIZED VIEW fresh.counts;
       SELECT fresh.has('done')::int AS has, (SELECT posts::int FROM fresh.counts) AS posts`,
    ),
  ).toEqual([{ has: 2, posts: 2 }]);
  expect(
    await database.sql(
      `SELECT oid::regprocedure::text AS left FROM pg_proc WHERE prosrc || proconfig::text ~ '\\mold\\M' AND pronamespace = 'fresh'::regnamespace`,
    ),
  ).toEqual([]);
});

it.each([
  ['SELECT count(*) FROM "__tenant__".polls', 'SELECT count(*) FROM "fresh".polls'],
  ['SELECT count(*) FROM __tenant__.polls', 'SELECT count(*) FROM fresh.polls'],
  [`SELECT nextval('__tenant__.polls_id_seq')`, `SELECT nextval('fresh.polls_id_seq')`],
  ['SELECT p.id FROM __tenant__.polls AS p, public.old_ones', undefined],
  ['SELECT holder.old FROM __tenant__.holder', 'SELECT holder.old FROM fresh.holder'],
])('makes a function again that says %s', async (body, expected) => {
  const old = await provisioned('old', [
    migration(
      1,
      'CREATE TABLE "__tenant__".polls (id serial)',
      'CREATE TABLE "__tenant__".holder (old bigint)',
      `CREATE FUNCTION "__tenant__".f() RETURNS bigint LANGUAGE plpgsql AS $f$ BEGIN RETURN (${body}); END $f$`,
    ),
  ]);
  await renamer.rename(old, { schema: 'fresh' });
  const [row] = await database.sql<{ prosrc: string }>(
    `SELECT prosrc FROM pg_proc WHERE oid = 'fresh.f'::regproc`,
  );
  expect(row?.prosrc).toBe(
    ` BEGIN RETURN (${expected ?? body.replace('__tenant__', 'fresh')}); END `,
  );
});

it.each(['labels', 'status', 'note', 'done'])(
  'renames a schema that is called as a part of it: %s, and back',
  async (name) => {
    const client = await provisioned(name);
    await database.sql(rows(name));
    const renamed = await renamer.rename(client, { schema: 'fresh' });
    await renamer.rename(renamed, { schema: name });
    expect(
      await database.sql(`SELECT ${name}.has('done')::int, ${name}.titles() AS title`),
    ).toEqual([
      { has: 1, title: 'one' },
      { has: 1, title: 'child' },
    ]);
  },
);

it('refuses one where a function uses that name without a schema', async () => {
  await expect(
    renamer.rename(await provisioned('posts'), { schema: 'fresh' }),
  ).rejects.toMatchObject({ objects: ['function fresh.titles()'] });
});

it('rewrites what TypeORM keeps of views', async () => {
  const old = await provisioned('old', [
    migration(1, `CREATE TABLE "__tenant__".typeorm_metadata ("schema" varchar, value text)`),
  ]);
  await database.sql(
    `INSERT INTO old.typeorm_metadata
     VALUES ('old', 'old'), ('old', 'SELECT id FROM "old".typeorm_metadata'), ('public', '')`,
  );
  await renamer.rename(old, { schema: 'fresh' });
  expect(await database.sql('SELECT * FROM fresh.typeorm_metadata ORDER BY 1, 2')).toEqual([
    { schema: 'fresh', value: 'SELECT id FROM "fresh".typeorm_metadata' },
    { schema: 'fresh', value: 'old' },
    { schema: 'public', value: '' },
  ]);
});

it('rewrites it under a publication of all tables, also where an earlier version made the table', async () => {
  const old = await provisioned('old', [
    migration(1, `CREATE TABLE "__tenant__".typeorm_metadata ("schema" varchar, value text)`),
  ]);
  await database.sql(
    `INSERT INTO old.typeorm_metadata VALUES ('old', 'SELECT FROM old.typeorm_metadata')`,
  );
  const superuser = new Observer(withDatabase(testServer().superuserUrl, database.name));
  await superuser.sql('CREATE PUBLICATION everything FOR ALL TABLES');
  try {
    await renamer.rename(old, { schema: 'fresh' });
    expect(await database.sql('SELECT * FROM fresh.typeorm_metadata')).toEqual([
      { schema: 'fresh', value: 'SELECT FROM fresh.typeorm_metadata' },
    ]);
    await database.sql('DELETE FROM fresh.typeorm_metadata');
  } finally {
    await superuser.sql('DROP PUBLICATION everything');
    await superuser.end();
  }
});

it('changes the name alone, without touching the schema', async () => {
  const old = await provisioned('old', []);
  const sent = jest.spyOn(pg.Client.prototype, 'query');
  expect(await renamer.rename(old, { name: 'Other' })).toMatchObject({
    schema: 'old',
    name: 'Other',
  });
  expect(sent.mock.calls.flat().join('\n')).not.toContain('ALTER SCHEMA');
  expect(await renamer.rename({ ...old, name: 'Other' }, {})).toEqual({ ...old, name: 'Other' });
});

it('rejects taken names, invalid names and unknown tenants', async () => {
  const old = await provisioned('old', []);
  await provisioned('other', []);
  await database.sql('CREATE SCHEMA nobodys');
  for (const changes of [{ schema: 'other' }, { schema: 'nobodys' }, { name: 'OTHER' }]) {
    await expect(renamer.rename(old, changes)).rejects.toThrow(TenantConflictError);
  }
  const sent = jest.spyOn(pg.Client.prototype, 'query');
  for (const schema of ['public', 'Old', 'pg_old', 'a"; DROP SCHEMA public; --']) {
    await expect(renamer.rename(old, { schema })).rejects.toThrow(SchemaNameInvalidError);
  }
  expect(sent).not.toHaveBeenCalled();
  for (const tenant of [newClient('unknown'), { ...old, schema: 'former' }]) {
    await expect(renamer.rename(tenant, { schema: 'fresh' })).rejects.toThrow(TenantNotFoundError);
  }
  expect(await traces(database)).toEqual([
    'row old',
    'row other',
    'schema nobodys',
    'schema old',
    'schema other',
  ]);
  await database.sql('DROP SCHEMA nobodys; DROP SCHEMA old CASCADE');
  await expect(renamer.rename(old, { schema: 'fresh' })).rejects.toThrow(
    'There is no schema "old".',
  );
});

it('changes nothing when any one of its statements fails', async () => {
  const old = await provisioned('old');
  const before = await describeOne('old');
  const count = await countStatements(() => renamer.rename(old, { schema: 'fresh' }));
  await renamer.rename({ ...old, schema: 'fresh' }, { schema: 'old' });
  for (let failing = 1; failing <= count; failing++) {
    const failure = failStatementsFrom(failing);
    await expect(renamer.rename(old, { schema: 'fresh' })).rejects.toThrow('forced failure');
    failure.mockRestore();
    expect([failing, ...(await traces(database))]).toEqual([failing, 'row old', 'schema old']);
  }
  expect(count).toBe(16);
  expect(await describeOne('old')).toEqual(before);
});
