// Findings about single objects: functions and triggers that use another tenant's schema, and unused indexes. The comparison of
// structures does not report them again.
import type { DataSource } from 'typeorm';
import type { Finding, SchemaSelection } from 'nest-tenant-schemas';
import { Observer, type TestDatabase, withDatabase } from 'test-support/test-database.js';
import { testServer } from 'test-support/test-server.js';
import { untilAllIdle } from '../../../packages/nest-tenant-schemas/test/tenancy/support.js';
import { everything } from '../clone/clone-support.js';
import { collect, doctorFor } from './doctor-support.js';
import { migration, newClient, openSchemas, schemasOf, traces } from '../support.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
});

beforeEach(async () => {
  const { provisioner } = schemasOf(dataSource, everything);
  await provisioner.create(newClient('one'));
  await provisioner.create(newClient('two'));
});

afterEach(async () => {
  const { registry, provisioner } = schemasOf(dataSource, everything);
  for await (const client of registry.all()) await provisioner.drop(client);
  await untilAllIdle(dataSource);
  expect(await traces(database)).toEqual([]);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const findings = (selection?: SchemaSelection): Promise<Finding[]> =>
  collect(doctorFor(dataSource), selection);

it('takes no row, column, alias, address or database for a tenant', async () => {
  const lookalikes = migration(
    4,
    'ALTER TABLE "__tenant__".labels ADD COLUMN posts text',
    `CREATE FUNCTION "__tenant__".lookalikes() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       PERFORM NEW.status, labels.posts, 'mail@two.posts', public.two, two.title FROM "__tenant__".labels;
       RETURN NEW;
     END $$`,
  );
  const tenant = [...everything, lookalikes];
  const { migrator, provisioner } = schemasOf(dataSource, tenant);
  for (const schema of ['new', 'labels']) await provisioner.create(newClient(schema));
  for await (const { error } of migrator.migrateAll()) expect(error).toBeUndefined();
  expect(await collect(doctorFor(dataSource, tenant))).toEqual([]);
});

it('finds an extension in a schema, which its remedy moves, with the columns of its types', async () => {
  const superuser = new Observer(withDatabase(testServer().superuserUrl, database.name));
  const move =
    'CREATE SCHEMA IF NOT EXISTS extensions; GRANT USAGE ON SCHEMA extensions TO PUBLIC; ALTER EXTENSION "citext" SET SCHEMA extensions';
  await database.sql('CREATE EXTENSION citext SCHEMA one; CREATE TABLE public.c (name one.citext)');
  expect(await findings()).toEqual([
    {
      code: 'EXTENSION_IN_TENANT',
      schema: 'one',
      problem: expect.stringContaining('Extension citext is installed in this schema'),
      remedy: `As a superuser: ${move}`,
      isFixable: false,
    },
  ]);
  await superuser.sql(move);
  expect(await findings()).toEqual([]);
  const { provisioner } = schemasOf(dataSource, everything);
  for await (const client of schemasOf(dataSource, everything).registry.all()) {
    await provisioner.drop(client);
  }
  expect(await database.sql('SELECT name FROM public.c')).toEqual([]);
  await superuser.sql('DROP TABLE public.c; DROP SCHEMA extensions CASCADE');
  await superuser.end();
});

it.each<[string, string, Omit<Finding, 'schema' | 'isFixable'>]>([
  [
    "a function that names another tenant's table",
    `CREATE OR REPLACE FUNCTION one.note() RETURNS trigger LANGUAGE plpgsql AS
     'BEGIN INSERT INTO "two".audit (title) VALUES (NEW.title); RETURN NEW; END'`,
    {
      code: 'OTHER_TENANT_NAMED',
      problem: 'The function note() names schemas of other tenants: two.',
      remedy: 'Create the function again with the statement of its migration, for the schema one.',
    },
  ],
  [
    "a function whose search path is another tenant's",
    `ALTER FUNCTION one.titles() SET search_path TO pg_catalog, two`,
    {
      code: 'OTHER_TENANT_NAMED',
      problem: 'The function titles() names schemas of other tenants: two.',
      remedy: 'Create the function again with the statement of its migration, for the schema one.',
    },
  ],
  [
    "a trigger that calls another tenant's function",
    `CREATE OR REPLACE TRIGGER noting AFTER INSERT ON one.posts FOR EACH ROW EXECUTE FUNCTION two.note()`,
    {
      code: 'OTHER_TENANT_NAMED',
      problem: 'The trigger posts.noting names schemas of other tenants: two.',
      remedy: 'Create the trigger again with the statement of its migration, for the schema one.',
    },
  ],
])('finds %s once, and does not repair it', async (_what, change, expected) => {
  await database.sql(change);
  const found = await findings();
  expect(found).toEqual([{ ...expected, schema: 'one', isFixable: false }]);
  for (const finding of found) expect(await doctorFor(dataSource).fix(finding)).toBe(false);
  expect(await findings({ schemas: ['one'] })).toEqual(found);
  expect(await findings({ schemas: ['two'] })).toEqual([]);
});

it('finds an invalid index, once, and does not take it for another structure as well', async () => {
  await database.sql(`INSERT INTO one.audit (title) VALUES ('same'), ('same');
                      DROP INDEX one.posts_done`);
  const building = database.sql('CREATE UNIQUE INDEX CONCURRENTLY posts_done ON one.audit (title)');
  await expect(building).rejects.toThrow('could not create unique index');
  expect(await findings()).toEqual([
    {
      code: 'INDEX_INVALID',
      schema: 'one',
      problem:
        'Index posts_done of table audit is invalid: its build is running or was interrupted.',
      remedy: 'If no build is running: REINDEX INDEX CONCURRENTLY "one"."posts_done"',
      isFixable: false,
    },
  ]);
});
