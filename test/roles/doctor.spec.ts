// The doctor finds what was changed by hand of owners, roles and grants, and gives each back what it should have.
import { newClient } from '../schemas/support.js';
import { tenantMigrations } from '../../src/database/migrations/tenant/index.js';
import { MIGRATIONS_TABLE } from 'nest-tenant-schemas';
import {
  createRoleDatabase,
  openMigrated,
  type RoleDatabase,
  type RoleSchemas,
} from './support.js';

let database: RoleDatabase;
let schemas: RoleSchemas;

beforeAll(async () => {
  database = await createRoleDatabase();
  schemas = await openMigrated(database);
  for (const name of ['acme', 'other']) await schemas.provisioner.create(newClient(name));
});

afterAll(async () => {
  await schemas.dataSource.destroy();
  await database.drop();
});

it.each<[code: string, problem: string, damage: (names: Record<string, string>) => string]>([
  ['ROLE_MISSING', 'has no role', ({ role }) => `DROP OWNED BY ${role}; DROP ROLE ${role}`],
  [
    'GRANTS_DIFFER',
    'lacks USAGE on the schema',
    ({ role }) => `REVOKE ALL ON SCHEMA acme FROM ${role}`,
  ],
  [
    'GRANTS_DIFFER',
    'lacks INSERT on polls',
    ({ role }) => `REVOKE INSERT ON acme.polls FROM ${role}`,
  ],
  [
    'GRANTS_DIFFER',
    'lacks USAGE on polls_id_seq',
    ({ role }) => `REVOKE USAGE ON SEQUENCE acme.polls_id_seq FROM ${role}`,
  ],
  [
    'GRANTS_DIFFER',
    'lacks DELETE on future tables',
    ({ role, owner }) =>
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA acme REVOKE DELETE ON TABLES FROM ${role}`,
  ],
  [
    'GRANTS_DIFFER',
    'may use the migrations table',
    ({ role }) => `GRANT INSERT ON acme.${MIGRATIONS_TABLE} TO ${role}`,
  ],
  ['GRANTS_DIFFER', 'may create objects', ({ role }) => `GRANT CREATE ON SCHEMA acme TO ${role}`],
  ['GRANTS_DIFFER', 'shares its schema with PUBLIC', () => 'GRANT USAGE ON SCHEMA acme TO PUBLIC'],
  [
    'GRANTS_DIFFER',
    'shares its schema with',
    ({ other }) => `GRANT USAGE ON SCHEMA acme TO ${other}`,
  ],
  ['GRANTS_DIFFER', 'shares its schema with', ({ all }) => `GRANT USAGE ON SCHEMA acme TO ${all}`],
  [
    'GRANTS_DIFFER',
    'is not a member of',
    ({ role, all, owner }) => `SET ROLE ${owner}; REVOKE ${all} FROM ${role}; RESET ROLE`,
  ],
  ['GRANTS_DIFFER', 'can log in', ({ role }) => `ALTER ROLE ${role} LOGIN`],
  ['GRANTS_DIFFER', 'must be NOCREATEROLE', ({ role }) => `ALTER ROLE ${role} CREATEROLE`],
  [
    'OWNER_DIFFERS',
    'does not own table acme.polls',
    ({ login }) => `ALTER TABLE acme.polls OWNER TO ${login}`,
  ],
  [
    'OWNER_DIFFERS',
    'does not own the schema itself',
    ({ login }) => `ALTER SCHEMA acme OWNER TO ${login}`,
  ],
])('finds and repairs %s: %s', async (code, problem, damage) => {
  const quoted = (name: string): string => `"${name}"`;
  await database.sql(
    damage({
      role: quoted(database.roleOf('acme')),
      other: quoted(database.roleOf('other')),
      all: quoted(database.everyTenant),
      owner: quoted(database.owner),
      login: database.login,
    }),
  );
  const found = (await schemas.findings()).filter((finding) => finding.code === code);
  expect(found).toMatchObject([
    {
      schema: 'acme',
      isFixable: true,
      problem: expect.stringContaining(problem) as string,
      remedy: 'tenant-schemas doctor --fix --schema acme',
    },
  ]);
  for (const finding of found) expect(await schemas.doctor.fix(finding)).toBe(true);
  expect(await schemas.findings()).toEqual([]);
});

it('finds and repairs missing rights of the login on the shared schema', async () => {
  await database.sql(`REVOKE INSERT ON public.clients FROM ${database.login}`);
  const found = await schemas.findings();
  expect(found).toMatchObject([
    {
      code: 'GRANTS_DIFFER',
      schema: 'public',
      problem: 'The login lacks INSERT on clients.',
      remedy: 'tenant-schemas doctor --fix',
    },
  ]);
  for (const finding of found) expect(await schemas.doctor.fix(finding)).toBe(true);
  expect(await schemas.findings()).toEqual([]);
});

it.each(['gone', 'g'.repeat(63)])(
  'finds the role of a tenant that is gone, and drops it: %s',
  async (schema) => {
    await schemas.provisioner.create(newClient(schema));
    await database.sql(
      `DROP SCHEMA ${schema} CASCADE; DELETE FROM public.clients WHERE schema = '${schema}'`,
    );
    const found = await schemas.findings();
    expect(found).toMatchObject([
      {
        code: 'ROLE_WITHOUT_TENANT',
        problem: expect.stringContaining(database.roleOf(schema)) as string,
      },
    ]);
    for (const finding of found) expect(await schemas.doctor.fix(finding)).toBe(true);
    expect(await database.tenantRoles()).toEqual(
      ['acme', 'other'].map((name) => database.roleOf(name)).toSorted(),
    );
  },
);

it('does not report a repair that requires an administrator', async () => {
  const role = `"${database.roleOf('acme')}"`;
  await database.sql(`ALTER ROLE ${role} SUPERUSER`);
  const [found] = await schemas.findings();
  expect(found).toMatchObject({ problem: expect.stringContaining('NOSUPERUSER') as string });
  await expect(found && schemas.doctor.fix(found)).rejects.toThrow(/superuser|permission denied/i);
  await database.sql(`ALTER ROLE ${role} NOSUPERUSER; GRANT pg_monitor TO ${role}`);
  const [member] = await schemas.findings();
  expect(member).toMatchObject({
    problem: `The role ${database.roleOf('acme')} has the rights of pg_monitor.`,
  });
  const isMended = member && schemas.doctor.fix(member).catch(() => false);
  expect(await isMended).toBe((await schemas.findings()).length === 0);
  await database.sql(`REVOKE pg_monitor FROM ${role}`);
  expect(await schemas.findings()).toEqual([]);
});

it('leaves a role alone that a tenant has by now', async () => {
  const finding = {
    code: 'ROLE_WITHOUT_TENANT',
    schema: 'acme',
    problem: '',
    remedy: '',
    isFixable: true,
  } as const;
  expect(await schemas.doctor.fix(finding)).toBe(false);
  expect(await schemas.findings()).toEqual([]);
});

it('reads the table of TypeORM with the rights of the login, if it has some', async () => {
  const [first] = tenantMigrations;
  await database.sql(
    `CREATE TABLE public.migrations (id serial, "timestamp" bigint, name text);
     INSERT INTO public.migrations ("timestamp", name) VALUES (1, '${first?.name}')`,
  );
  const byTypeorm = async (): Promise<string[]> => {
    const codes: string[] = [];
    for await (const { code } of schemas.doctor.examine({ shared: true })) codes.push(code);
    return codes;
  };
  expect(await byTypeorm()).toEqual([]);
  await database.sql(`ALTER TABLE public.migrations OWNER TO ${database.login}`);
  expect(await byTypeorm()).toContain('MIGRATED_BY_TYPEORM');
  await database.sql('DROP TABLE public.migrations');
  expect(await byTypeorm()).toEqual([]);
});
