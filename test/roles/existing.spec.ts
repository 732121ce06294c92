// A deployment changes from names to roles and back: its schemas pass to the owner's role and its tenants get
// theirs by the next migrate-schemas or doctor --fix, whichever comes first, with nothing of the data touched.
import { type Finding, tenantContext } from 'nest-tenant-schemas';
import { newClient } from '../schemas/support.js';
import {
  createRoleDatabase,
  openMigrated,
  openRoleSchemas,
  type RoleDatabase,
  type RoleSchemas,
} from './support.js';

// Before 18 a multirange keeps the owner that created its range, and its owner cannot be altered.
const OWNERS = `
  SELECT n.nspname || '.' || coalesce(c.relname, '') AS name, pg_get_userbyid(coalesce(c.relowner, n.nspowner)) AS owner
  FROM pg_namespace AS n LEFT JOIN pg_class AS c ON c.relnamespace = n.oid
  WHERE n.nspname IN ('one', 'two', 'public') AND (c.relkind IS NOT NULL OR n.nspname <> 'public')
  UNION ALL SELECT n.nspname || '.' || p.proname, pg_get_userbyid(p.proowner)
  FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname IN ('one', 'two', 'public')
    AND p.proname NOT LIKE 'span%'
  UNION ALL SELECT n.nspname || '.' || t.typname, pg_get_userbyid(t.typowner)
  FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
  WHERE n.nspname IN ('one', 'two', 'public')
    AND t.typname NOT LIKE '%multirange'`;

let database: RoleDatabase;
let schemas: RoleSchemas;

beforeEach(async () => {
  database = await createRoleDatabase({ attributes: 'INHERIT CREATEROLE' });
  const before = await openMigrated(database, { isolation: 'names' });
  for (const name of ['one', 'two']) await before.provisioner.create(newClient(name));
  await tenantContext.run({ id: 'one', schema: 'one' }, async () => {
    for (const statement of [
      `INSERT INTO "__tenant__".polls (question) VALUES ('Tea?')`,
      `CREATE TYPE "__tenant__".mood AS ENUM ('good')`,
      `CREATE TYPE "__tenant__".pair AS (a int, b int)`,
      `CREATE TYPE "__tenant__".span AS RANGE (subtype = int)`,
      `CREATE DOMAIN "__tenant__".word AS text`,
      `CREATE TABLE "__tenant__".notes (id serial, mood "__tenant__".mood, "Odd ""name" text) PARTITION BY LIST (id)`,
      `CREATE TABLE "__tenant__".notes_1 PARTITION OF "__tenant__".notes FOR VALUES IN (1)`,
      `CREATE STATISTICS "__tenant__".both ON id, question FROM "__tenant__".polls`,
      `CREATE SEQUENCE "__tenant__".numbers`,
      `CREATE VIEW "__tenant__".questions AS SELECT question FROM "__tenant__".polls`,
      `CREATE MATERIALIZED VIEW "__tenant__".counted AS SELECT count(*) FROM "__tenant__".polls`,
      `CREATE FUNCTION "__tenant__".odd("an arg" int) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
      `CREATE PROCEDURE "__tenant__".work() LANGUAGE sql AS 'SELECT 1'`,
      `CREATE AGGREGATE "__tenant__".total(int) (SFUNC = int4pl, STYPE = int)`,
    ]) {
      await before.dataSource.query(statement);
    }
  });
  await before.dataSource.destroy();
  await database.sql(`ALTER ROLE ${database.login} NOINHERIT`);
  schemas = await openRoleSchemas(database);
});

afterEach(async () => {
  await schemas.dataSource.destroy();
  await database.drop();
});

const read = (schema: string, text: string): Promise<unknown> =>
  tenantContext.run({ id: schema, schema }, () => schemas.dataSource.query(text));

/** What is not the owner's. */
const ofOthers = async (): Promise<string[]> => {
  const rows = await database.sql<{ name: string; owner: string }>(OWNERS);
  return rows.filter(({ owner }) => owner !== database.owner).map(({ name }) => name);
};

async function expectRoles(): Promise<void> {
  expect(await ofOthers()).toEqual([]);
  expect(await database.tenantRoles()).toEqual(
    ['one', 'two'].map((schema) => database.roleOf(schema)).toSorted(),
  );
  expect(await schemas.findings()).toEqual([]);
  expect(await read('one', 'SELECT question FROM "__tenant__".questions')).toEqual([
    { question: 'Tea?' },
  ]);
  await read('one', `INSERT INTO "__tenant__".polls (question) VALUES ('Coffee?')`);
  await expect(read('two', 'SELECT * FROM one.polls')).rejects.toMatchObject({ code: '42501' });
}

it('refuses the requests of tenants that have no role yet', async () => {
  await expect(read('one', 'SELECT * FROM "__tenant__".polls')).rejects.toThrow(
    `role "${database.roleOf('one')}" does not exist`,
  );
});

it('is brought over by migrate-schemas, which says so, once', async () => {
  const run = async (): Promise<string[]> => {
    const results: string[] = [];
    for await (const { schema, status, versions, error } of schemas.migrator.migrateAll()) {
      expect([schema, error]).toEqual([schema, undefined]);
      results.push(`${schema} ${status} ${versions.length}`);
    }
    return results.toSorted();
  };
  expect(await run()).toEqual(['one applied 0', 'public skipped 0', 'two applied 0']);
  await expectRoles();
  expect(await run()).toEqual(['one skipped 0', 'public skipped 0', 'two skipped 0']);
});

it('is brought over by the doctor, who finds what is missing', async () => {
  const found: Finding[] = [];
  for await (const finding of schemas.doctor.examine()) found.push(finding);
  expect(found.map(({ schema, code }) => `${schema} ${code}`)).toEqual([
    'public OWNER_DIFFERS',
    'public GRANTS_DIFFER',
    'one OWNER_DIFFERS',
    'one ROLE_MISSING',
    'two OWNER_DIFFERS',
    'two ROLE_MISSING',
  ]);
  for (const finding of found) expect(await schemas.doctor.fix(finding)).toBe(true);
  await expectRoles();
});

it('is brought over once by two that do so at the same time', async () => {
  const other = await openRoleSchemas(database);
  const run = async ({ migrator }: RoleSchemas): Promise<void> => {
    for await (const { schema, error } of migrator.migrateAll()) {
      expect([schema, error]).toEqual([schema, undefined]);
    }
  };
  await Promise.all([run(schemas), run(other)]).finally(() => other.dataSource.destroy());
  await expectRoles();
});

it('returns to names with the statement that start-up prints, and to roles again', async () => {
  for await (const { error } of schemas.migrator.migrateAll()) expect(error).toBeUndefined();
  const refused = openRoleSchemas(database, { isolation: 'names' });
  await expect(refused).rejects.toThrow(/TENANT_ISOLATION/);
  const { message } = (await refused.catch((error: unknown) => error)) as Error;
  await database.sql(message.split('return to names with: ')[1] ?? '');

  const names = await openMigrated(database, { isolation: 'names' });
  await names.provisioner.create(newClient('three'));
  expect(await names.dataSource.query('SELECT question FROM one.polls')).toEqual([
    { question: 'Tea?' },
  ]);
  await names.dataSource.destroy();

  const again = openRoleSchemas(database);
  await expect(again).rejects.toThrow(/TENANT_ISOLATION/);
  const problem = (await again.catch((error: unknown) => error)) as Error;
  await database.sql(/administrator: (.*); Or/.exec(problem.message)?.[1] ?? '');
  const roles = await openMigrated(database);
  try {
    for await (const { error } of roles.migrator.migrateAll()) expect(error).toBeUndefined();
    expect(await roles.findings()).toEqual([]);
    expect(await database.tenantRoles()).toHaveLength(3);
  } finally {
    await roles.dataSource.destroy();
  }
});
