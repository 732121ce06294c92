// Start-up creates what roles need if the login may. Otherwise it reports the statements to run, and why
// roles would not isolate tenants. Each reported statement removes its complaint.
import { testServer } from 'test-support/test-server.js';
import { newClient } from '../schemas/support.js';
import {
  createTenantDataSource,
  type TenantDataSourceOptions,
  tenantContext,
} from 'nest-tenant-schemas';
import { PREPARED_STATEMENTS } from '../../packages/nest-tenant-schemas/src/schemas/roles/login-facts.js';
import { checkDatabase } from '../../packages/nest-tenant-schemas/src/start-up-checks.js';
import {
  createRoleDatabase,
  openMigrated,
  openRoleSchemas,
  type RoleDatabase,
  type RoleSchemas,
} from './support.js';

let database: RoleDatabase;
let open: RoleSchemas | undefined;

afterEach(async () => {
  await open?.dataSource.destroy();
  open = undefined;
  await database.drop();
});

const problemOf = (): Promise<string> =>
  openRoleSchemas(database).then(
    async ({ dataSource }) => {
      await dataSource.destroy();
      return '';
    },
    (error: Error) => error.message,
  );

/** Runs the statements that an error names for an administrator. */
async function obey(problem: string): Promise<void> {
  expect(problem).toContain('TENANT_ISOLATION');
  await database.sql(
    /administrator: (.*); Or set isolation to names/.exec(problem)?.[1] ?? 'nothing',
  );
}

/** Makes a tenant, has it served by its role, and returns what the doctor finds of roles then. */
async function readAsLogin(): Promise<unknown> {
  open = await openMigrated(database);
  const { provisioner, dataSource } = open;
  const acme = newClient('acme');
  await provisioner.create(acme);
  const inTenant = (text: string): Promise<unknown> =>
    tenantContext.run(acme, () => dataSource.query(text));
  expect(await inTenant('SELECT current_user AS role')).toEqual([
    { role: database.roleOf('acme') },
  ]);
  await expect(dataSource.query('SELECT * FROM acme.polls')).rejects.toThrow('permission denied');
  return open.findings();
}

async function warnings(
  options: Partial<TenantDataSourceOptions> = {},
): Promise<readonly string[]> {
  const dataSource = await createTenantDataSource({
    url: database.url,
    isolation: 'role',
    ...options,
  }).initialize();
  return checkDatabase(dataSource).finally(() => dataSource.destroy());
}

it('makes the roles by itself where the login owns the database and may create roles', async () => {
  database = await createRoleDatabase({ suffix: ' d\u00e4"b' });
  expect(await warnings()).toEqual([]);
  expect(await readAsLogin()).toEqual([]);
});

it('makes them once where many start at the same time', async () => {
  database = await createRoleDatabase();
  expect(await Promise.all(Array.from({ length: 5 }, () => warnings()))).toEqual([
    [],
    [],
    [],
    [],
    [],
  ]);
});

it('refuses a superuser', async () => {
  database = await createRoleDatabase();
  const url = new URL(testServer().superuserUrl);
  url.pathname = `/${database.name}`;
  await expect(openRoleSchemas({ url: url.toString() })).rejects.toThrow(
    /TENANT_ISOLATION\) does not restrict the superuser "\w+"/,
  );
});

it.each([
  ['may create no roles', 'NOINHERIT'],
  ['inherits what it may act as', 'INHERIT CREATEROLE'],
])(
  'says what to run where the login %s, owns nothing, and that is enough',
  async (_what, attributes) => {
    database = await createRoleDatabase({ attributes, isPrepared: false });
    await obey(await problemOf());
    expect(await readAsLogin()).toEqual([]);
  },
);

it('says what to run where the login reads all tables of the server', async () => {
  database = await createRoleDatabase();
  await database.sql(
    `ALTER ROLE ${database.login} INHERIT; GRANT pg_read_all_data TO ${database.login}`,
  );
  await obey(await problemOf());
  expect(await readAsLogin()).toEqual([]);
});

it('warns of set_config, with the statement that closes it', async () => {
  database = await createRoleDatabase();
  await database.sql(
    'GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO PUBLIC',
  );
  const [warning = '', ...others] = await warnings();
  expect(others).toEqual([]);
  expect(warning).toContain('TENANT_ISOLATION');
  await database.sql(warning.split('superuser, with: ')[1] ?? '');
  expect(await warnings()).toEqual([]);
});

it('warns of readable names of prepared statements, with the statement that hides them', async () => {
  database = await createRoleDatabase();
  await database.sql(`GRANT EXECUTE ON FUNCTION ${PREPARED_STATEMENTS} TO PUBLIC`);
  expect(await warnings({ preparedStatements: 0 })).toEqual([]);
  const [warning = '', ...others] = await warnings();
  expect(others).toEqual([]);
  expect(warning).toContain('TENANT_ISOLATION');
  await database.sql(warning.split('superuser, with: ')[1] ?? '');
  expect(await warnings()).toEqual([]);
});

it('warns where everybody may create objects in the shared schema, with the statement that ends it', async () => {
  database = await createRoleDatabase();
  await database.sql('GRANT CREATE ON SCHEMA public TO PUBLIC');
  const [warning = '', ...others] = await warnings();
  expect(others).toEqual([]);
  await database.sql(warning.split('Revoke it with: ')[1] ?? '');
  expect(await warnings()).toEqual([]);
});
