// Migrations of a single-tenant application with isolation 'role': the owner of all schemas runs them, and the tenant's role uses
// functions of extensions in public.
import { loadTenantMigrations, singleTenantMigrations, tenantContext } from 'nest-tenant-schemas';
import { migration, newClient } from '../schemas/support.js';
import {
  createRoleDatabase,
  openMigrated,
  type RoleDatabase,
  type RoleSchemas,
} from './support.js';

const HISTORY = [
  migration(1, 'CREATE EXTENSION IF NOT EXISTS "uuid-ossp"'),
  migration(
    2,
    'CREATE TABLE "public"."user" (id uuid DEFAULT uuid_generate_v4(), name text)',
    `CREATE FUNCTION public.users() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM public.user $$`,
  ),
];

let database: RoleDatabase;
let schemas: RoleSchemas | undefined;

beforeEach(async () => {
  database = await createRoleDatabase();
});

afterEach(async () => {
  await schemas?.dataSource.destroy();
  schemas = undefined;
  await database.drop();
});

async function open(history = HISTORY): Promise<RoleSchemas> {
  const tenant = await loadTenantMigrations(singleTenantMigrations(history), {
    options: { type: 'postgres' },
  });
  schemas = await openMigrated(database, { tenant });
  return schemas;
}

it('serves a tenant with the extension of public', async () => {
  await database.sql('CREATE EXTENSION "uuid-ossp" SCHEMA public');
  const { dataSource, provisioner } = await open();
  for (const schema of ['one', 'two']) {
    const tenant = newClient(schema);
    await provisioner.create(tenant);
    await tenantContext.run(tenant, async () => {
      await dataSource.query(`INSERT INTO "__tenant__"."user" (name) VALUES ('a')`);
      expect(await dataSource.query('SELECT "__tenant__".users()::int AS users')).toEqual([
        { users: 1 },
      ]);
    });
  }
});

it('names the owner role if that role may not create the extension', async () => {
  // Only a superuser may create this one.
  const { provisioner } = await open([migration(1, 'CREATE EXTENSION pageinspect')]);
  await expect(provisioner.create(newClient('one'))).rejects.toThrow(
    `for role "${database.owner}". Have an administrator run once: CREATE EXTENSION IF NOT EXISTS pageinspect SCHEMA public;`,
  );
});
