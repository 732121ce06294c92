// A tenant's role comes, changes its name and goes with its schema, in the same transaction: whatever fails
// leaves neither. It may use its own schema's rows, those of later migrations too, and nothing else.
import pg from 'pg';
import { MIGRATIONS_TABLE, tenantContext } from 'nest-tenant-schemas';
import { tenantMigrations } from '../../src/database/migrations/tenant/index.js';
import { migration, newClient } from '../schemas/support.js';
import { countStatements, failStatement } from '../support/sent-statements.js';
import {
  createRoleDatabase,
  openMigrated,
  type RoleDatabase,
  type RoleSchemas,
} from './support.js';

const REFUSED = expect.objectContaining({ code: '42501' }) as Error;

let database: RoleDatabase;
let schemas: RoleSchemas;

beforeAll(async () => {
  database = await createRoleDatabase();
  schemas = await openMigrated(database);
});

afterEach(async () => {
  for await (const client of schemas.registry.all()) await schemas.provisioner.drop(client);
  expect(await database.tenantRoles()).toEqual([]);
});

afterAll(async () => {
  await schemas.dataSource.destroy();
  await database.drop();
});

const query = (schema: string, text: string): Promise<unknown> =>
  tenantContext.run({ id: schema, schema }, () => schemas.dataSource.query(text));

it('is made with the tenant, and the doctor finds no problems', async () => {
  await schemas.provisioner.create(newClient('acme'));
  expect(await database.tenantRoles()).toEqual([database.roleOf('acme')]);
  expect(await schemas.findings()).toEqual([]);
});

it('is what the login acts as, and whose rights it does not have', async () => {
  await schemas.provisioner.create(newClient('acme'));
  expect(await query('acme', 'SELECT current_user AS role')).toEqual([
    { role: database.roleOf('acme') },
  ]);
  await expect(schemas.dataSource.query('SELECT * FROM acme.polls')).rejects.toThrow(REFUSED);
  const [rights] = await database.sql(
    `SELECT pg_has_role($1, $2, 'USAGE') AS inherits, pg_has_role($1, $2, 'MEMBER') AS member`,
    [database.login, database.roleOf('acme')],
  );
  expect(rights).toEqual({ inherits: false, member: true });
});

it('reads and writes the rows of its schema', async () => {
  await schemas.provisioner.create(newClient('acme'));
  await query('acme', `INSERT INTO "__tenant__".polls (question) VALUES ('Tea?')`);
  await query('acme', `UPDATE "__tenant__".polls SET question = 'Coffee?'`);
  expect(await query('acme', 'SELECT id, question FROM "__tenant__".polls')).toEqual([
    { id: 1, question: 'Coffee?' },
  ]);
  await query('acme', 'DELETE FROM "__tenant__".polls');
});

it.each([
  ["another tenant's rows", 'SELECT * FROM other.polls'],
  ["another tenant's sequences", `SELECT nextval('other.polls_id_seq')`],
  ['the registry', 'SELECT * FROM public.clients'],
  ['its own migrations table', `SELECT * FROM "__tenant__".${MIGRATIONS_TABLE}`],
  ['what its migrations table says', `DELETE FROM "__tenant__".${MIGRATIONS_TABLE}`],
  ['a definition in its schema', 'CREATE TABLE "__tenant__".mine ()'],
  ['a definition of its tables', 'ALTER TABLE "__tenant__".polls ADD COLUMN mine int'],
  ['a definition in the shared schema', 'CREATE TABLE public.mine ()'],
  ['a schema of its own', 'CREATE SCHEMA mine'],
  ['a role', 'CREATE ROLE mine'],
  ['set_config', `SELECT set_config('role', 'none', false)`],
])('is refused %s', async (_what, statement) => {
  await schemas.provisioner.create(newClient('acme'));
  await schemas.provisioner.create(newClient('other'));
  await expect(query('acme', statement)).rejects.toThrow(REFUSED);
  expect(await schemas.findings()).toEqual([]);
});

it('may use what later migrations make: tables, sequences, views, functions', async () => {
  await schemas.provisioner.create(newClient('acme'));
  const later = await openMigrated(database, {
    tenant: [
      ...tenantMigrations,
      migration(
        1_900_000_000,
        'CREATE TABLE "__tenant__".notes (id serial, text text)',
        `CREATE VIEW "__tenant__".loud AS SELECT upper(text) AS text FROM "__tenant__".notes`,
        `CREATE FUNCTION "__tenant__".one() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
      ),
    ],
  });
  try {
    for await (const { error } of later.migrator.migrateAll()) expect(error).toBeUndefined();
    await query('acme', `INSERT INTO "__tenant__".notes (text) VALUES ('a')`);
    expect(await query('acme', 'SELECT text, "__tenant__".one() FROM "__tenant__".loud')).toEqual([
      { text: 'A', one: 1 },
    ]);
    expect(await later.findings()).toEqual([]);
  } finally {
    await later.dataSource.destroy();
  }
});

it('is renamed with its schema', async () => {
  const acme = newClient('acme');
  await schemas.provisioner.create(acme);
  await schemas.renamer.rename(acme, { schema: 'apex' });
  expect(await database.tenantRoles()).toEqual([database.roleOf('apex')]);
  expect(await query('apex', 'SELECT * FROM "__tenant__".polls')).toEqual([]);
  expect(await schemas.findings()).toEqual([]);
});

it("is a clone's own", async () => {
  const [acme, copy] = [newClient('acme'), newClient('copy')];
  await schemas.provisioner.create(acme);
  await query('acme', `INSERT INTO "__tenant__".polls (question) VALUES ('Tea?')`);
  await schemas.cloner.clone(acme, copy);
  expect(await query('copy', 'SELECT question FROM "__tenant__".polls')).toEqual([
    { question: 'Tea?' },
  ]);
  await expect(query('copy', 'SELECT * FROM acme.polls')).rejects.toThrow(REFUSED);
  expect(await schemas.findings()).toEqual([]);
});

it('is created again if a role of its name remains, and if a tenant gets the schema again', async () => {
  await database.sql(`CREATE ROLE "${database.roleOf('acme')}" SUPERUSER`);
  await expect(schemas.provisioner.create(newClient('acme'))).rejects.toThrow(REFUSED);
  await database.sql(`ALTER ROLE "${database.roleOf('acme')}" NOSUPERUSER;
                      GRANT "${database.roleOf('acme')}" TO "${database.owner}" WITH ADMIN OPTION`);
  const acme = newClient('acme');
  await schemas.provisioner.create(acme);
  await schemas.provisioner.drop(acme);
  await schemas.provisioner.create(newClient('acme'));
  expect(await schemas.findings()).toEqual([]);
});

it('goes with what it was granted by hand', async () => {
  const acme = newClient('acme');
  await schemas.provisioner.create(acme);
  await database.sql(`GRANT SELECT ON public.clients TO "${database.roleOf('acme')}"`);
  await schemas.provisioner.drop(acme);
  expect(await database.tenantRoles()).toEqual([]);
});

it('leaves what it came to own to the owner role, which the statement names', async () => {
  const acme = newClient('acme');
  await schemas.provisioner.create(acme);
  await database.sql(`CREATE SCHEMA kept AUTHORIZATION "${database.roleOf('acme')}"`);
  const sent = jest.spyOn(pg.Client.prototype, 'query');
  await schemas.provisioner.drop(acme);
  const texts = sent.mock.calls.map(([text]) => String(text));
  sent.mockRestore();
  expect(texts.filter((text) => text.includes('REASSIGN OWNED'))).toEqual([
    expect.stringContaining(`TO "${database.owner}"`),
  ]);
  expect(texts.filter((text) => text.includes('CURRENT_USER'))).toEqual([]);
  const owners = await database.sql(
    `SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = 'kept'`,
  );
  expect(owners).toEqual([{ owner: database.owner }]);
  await database.sql('DROP SCHEMA kept');
});

it('is made for twenty tenants at once', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `many_${index}`);
  await Promise.all(names.map((name) => schemas.provisioner.create(newClient(name))));
  expect(await database.tenantRoles()).toEqual(
    names.map((name) => database.roleOf(name)).toSorted(),
  );
  expect(await schemas.findings()).toEqual([]);
});

it('is neither made nor left when any of the statements fails', async () => {
  const count = await countStatements(() => schemas.provisioner.create(newClient('acme')));
  expect(count).toBe(7);
  for await (const client of schemas.registry.all()) await schemas.provisioner.drop(client);
  const before = await grants();
  for (let failing = 1; failing <= count; failing++) {
    const failure = failStatement(failing);
    await expect(schemas.provisioner.create(newClient('acme'))).rejects.toThrow('forced failure');
    failure.mockRestore();
    expect([failing, ...(await database.tenantRoles())]).toEqual([failing]);
  }
  expect(await grants()).toEqual(before);
});

it('of the same schema in another database of the server is another one, and stays', async () => {
  const other = await createRoleDatabase();
  const there = await openMigrated(other);
  try {
    const acme = newClient('acme');
    await schemas.provisioner.create(acme);
    await there.provisioner.create(newClient('acme'));
    await schemas.provisioner.drop(acme);
    expect(await other.tenantRoles()).toEqual([other.roleOf('acme')]);
    expect(await there.findings()).toEqual([]);
  } finally {
    await there.dataSource.destroy();
    await other.drop();
  }
});

/** All memberships, and all grants and default privileges of schemas. */
function grants(): Promise<unknown[]> {
  return database.sql(
    `SELECT 'member ' || m.roleid::regrole || ' ' || m.member::regrole AS what FROM pg_auth_members AS m
     WHERE m.roleid::regrole::text LIKE '%' || $1 || '%'
     UNION ALL SELECT 'schema ' || nspname || coalesce(nspacl::text, '') FROM pg_namespace
     UNION ALL SELECT 'default ' || defaclacl::text FROM pg_default_acl ORDER BY 1`,
    [database.everyTenant.slice(0, 12)],
  );
}
