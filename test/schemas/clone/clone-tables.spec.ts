// Tables of every kind keep their rows where they are: partitioned ones, children by inheritance, those whose
// rows policies hide or rules redirect, and those without columns.
import type { DataSource } from 'typeorm';
import { type MigrationClass, readHistory, TenantCloner } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
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

/** Clones a schema of those statements, after others have filled it. */
async function cloneOf(statements: string[], ...fill: string[]): Promise<void> {
  const history: readonly MigrationClass[] = [migration(1, ...statements)];
  const { registry, provisioner } = schemasOf(dataSource, history);
  const source = newClient('source');
  await provisioner.create(source);
  for (const statement of fill) await database.sql(statement);
  const cloner = new TenantCloner(dataSource, registry, readHistory(history, 'history'));
  await cloner.clone(source, newClient('target'));
}

const T = '"__tenant__"';

it('copies partitions and children by inheritance, each row once and to its place', async () => {
  await cloneOf(
    [
      `CREATE TABLE ${T}.days (day int PRIMARY KEY, text text) PARTITION BY RANGE (day)`,
      `CREATE TABLE ${T}.early PARTITION OF ${T}.days FOR VALUES FROM (0) TO (10)`,
      `CREATE TABLE ${T}.late PARTITION OF ${T}.days DEFAULT`,
      `CREATE TABLE ${T}.a_visits (day int REFERENCES ${T}.days)`,
      `CREATE FUNCTION ${T}.shout() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.text := upper(NEW.text); RETURN NEW; END'`,
      `CREATE TRIGGER shouting BEFORE INSERT ON ${T}.days FOR EACH ROW EXECUTE FUNCTION ${T}.shout()`,
      `ALTER TABLE ${T}.late DISABLE TRIGGER shouting`,
      `CREATE TABLE ${T}.animals (name text)`,
      `CREATE TABLE ${T}.cats (lives int) INHERITS (${T}.animals)`,
      `CREATE TABLE ${T}.empty ()`,
    ],
    `INSERT INTO source.days VALUES (1, 'a'), (20, 'b'); UPDATE source.days SET text = lower(text);
     INSERT INTO source.a_visits VALUES (1), (20);
     INSERT INTO source.animals VALUES ('dog'); INSERT INTO source.cats VALUES ('tom', 9);
     INSERT INTO source.empty DEFAULT VALUES`,
  );
  expect(
    await database.sql(
      'SELECT tableoid::regclass::text AS place, day, text FROM target.days ORDER BY 2',
    ),
  ).toEqual([
    { place: 'target.early', day: 1, text: 'a' },
    { place: 'target.late', day: 20, text: 'b' },
  ]);
  expect(
    await database.sql(
      'SELECT tableoid::regclass::text AS place, name FROM target.animals ORDER BY 1',
    ),
  ).toEqual([
    { place: 'target.animals', name: 'dog' },
    { place: 'target.cats', name: 'tom' },
  ]);
  expect(await database.sql('SELECT count(*)::int FROM target.empty')).toEqual([{ count: 1 }]);
  await database.sql(`INSERT INTO target.days VALUES (2, 'c'), (30, 'd')`);
  expect(
    await database.sql('SELECT text FROM target.days WHERE day IN (2, 30) ORDER BY day'),
  ).toEqual([{ text: 'C' }, { text: 'd' }]);
});

it('refuses to clone a table whose policies hide rows from its owner', async () => {
  const [login] = await database.sql<{ isExempt: boolean }>(
    'SELECT rolsuper OR rolbypassrls AS "isExempt" FROM pg_roles WHERE rolname = current_user',
  );
  const outcome = await cloneOf(
    [
      `CREATE TABLE ${T}.secrets (id int)`,
      `ALTER TABLE ${T}.secrets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
      `CREATE POLICY few ON ${T}.secrets USING (id < 2) WITH CHECK (true)`,
    ],
    'INSERT INTO source.secrets VALUES (1), (2)',
  ).then(
    () => 'cloned',
    ({ message }: Error) => message,
  );
  expect([outcome, (await traces(database)).length]).toEqual(
    login?.isExempt
      ? ['cloned', 4]
      : [
          'Schema "source" was not cloned: query would be affected by row-level security policy for table "secrets", ' +
            'which would hide rows from the clone. Clone as a login with BYPASSRLS, or turn the policy off for the owner by a ' +
            'migration: ALTER TABLE … NO FORCE ROW LEVEL SECURITY.',
          2,
        ],
  );
});

it('copies rows that a rule would send elsewhere', async () => {
  await cloneOf(
    [
      `CREATE TABLE ${T}.log (id int)`,
      `CREATE TABLE ${T}.notes (id int)`,
      `CREATE RULE elsewhere AS ON INSERT TO ${T}.notes DO INSTEAD INSERT INTO ${T}.log VALUES (NEW.id)`,
    ],
    'ALTER TABLE source.notes DISABLE RULE elsewhere',
    'INSERT INTO source.notes VALUES (1)',
    'ALTER TABLE source.notes ENABLE RULE elsewhere',
  );
  expect(await database.sql('SELECT id FROM target.notes')).toEqual([{ id: 1 }]);
  await database.sql('INSERT INTO target.notes VALUES (2)');
  expect(await database.sql('SELECT id FROM target.log')).toEqual([{ id: 2 }]);
});

it('copies rows that a constraint says nothing of, as it was not validated', async () => {
  await cloneOf(
    [
      `CREATE TABLE ${T}.t (id int)`,
      `ALTER TABLE ${T}.t ADD CONSTRAINT few CHECK (id < 5) NOT VALID`,
    ],
    `ALTER TABLE source.t DROP CONSTRAINT few; INSERT INTO source.t VALUES (7);
     ALTER TABLE source.t ADD CONSTRAINT few CHECK (id < 5) NOT VALID`,
  );
  expect(await database.sql('SELECT id FROM target.t')).toEqual([{ id: 7 }]);
  await expect(database.sql('INSERT INTO target.t VALUES (8)')).rejects.toThrow('few');
});

it('leaves to the migrations what TypeORM keeps of views, which names the schema', async () => {
  await cloneOf(
    [
      `CREATE TABLE ${T}.typeorm_metadata (type varchar, "schema" varchar, name varchar, value text)`,
      `INSERT INTO ${T}.typeorm_metadata VALUES ('VIEW', '__tenant__', 'v', 'SELECT FROM ${T}.t')`,
    ],
    `UPDATE source.typeorm_metadata SET name = 'by hand'`,
  );
  expect(await database.sql('SELECT "schema", name, value FROM target.typeorm_metadata')).toEqual([
    { schema: 'target', name: 'v', value: 'SELECT FROM "target".t' },
  ]);
});
