// Adoption with isolation 'role': the owner of all schemas gets the tables of the login, and the tenant its role.
import {
  loadTenantMigrations,
  readHistory,
  SchemaAdopter,
  singleTenantMigrations,
  tenantContext,
} from 'nest-tenant-schemas';
import { sharedMigrations } from '../../src/database/migrations/shared/index.js';
import type { Client } from '../../src/clients/client.entity.js';
import { migration, newClient } from '../schemas/support.js';
import { once } from 'test-support/test-database.js';
import {
  createRoleDatabase,
  openRoleSchemas,
  type RoleDatabase,
  type RoleSchemas,
} from './support.js';

const STATEMENTS = [
  'CREATE TABLE "public"."user" (id SERIAL PRIMARY KEY, name text)',
  `CREATE FUNCTION public.users() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM public."user" $$`,
];
const HISTORY = [migration(1, ...STATEMENTS)];

let database: RoleDatabase;
let schemas: RoleSchemas;
let adopter: SchemaAdopter<Client>;

beforeEach(async () => {
  database = await createRoleDatabase();
  const [name] = readHistory(HISTORY, 'test').map((each) => each.name);
  // Before PostgreSQL 16 a login that inherits nothing has no rights as the owner of its database.
  await database.sql(`GRANT USAGE, CREATE ON SCHEMA public TO ${database.login}`);
  await once(
    database.url,
    ...STATEMENTS,
    `INSERT INTO public."user" (name) VALUES ('a')`,
    'CREATE TABLE public.migrations (id SERIAL PRIMARY KEY, "timestamp" bigint NOT NULL, name varchar NOT NULL)',
    `INSERT INTO public.migrations ("timestamp", name) VALUES (1, '${name}')`,
  );
  await database.sql(`REVOKE CREATE ON SCHEMA public FROM ${database.login}`);
  const tenant = await loadTenantMigrations(singleTenantMigrations(HISTORY), {
    options: { type: 'postgres' },
  });
  schemas = await openRoleSchemas(database, { tenant });
  adopter = new SchemaAdopter(schemas.dataSource, schemas.registry, {
    shared: readHistory(sharedMigrations, 'shared'),
    tenant: readHistory(tenant, 'tenant'),
  });
});

afterEach(async () => {
  await schemas.dataSource.destroy();
  await database.drop();
});

it('gives the tenant its role, and the owner role its objects', async () => {
  const { dataSource } = schemas;
  expect((await adopter.plan('acme')).obstacles).toEqual([]);
  const tenant = await adopter.adopt(newClient('acme'));
  expect(await schemas.findings()).toEqual([]);
  const found = [];
  for await (const finding of schemas.doctor.examine()) found.push(finding);
  expect(found).toEqual([]);
  expect(await database.tenantRoles()).toEqual([database.roleOf('acme')]);
  await tenantContext.run(tenant, async () => {
    await dataSource.query(`INSERT INTO "__tenant__"."user" (name) VALUES ('b')`);
    expect(
      await dataSource.query('SELECT "__tenant__".users()::int AS users, current_user'),
    ).toEqual([{ users: 2, current_user: database.roleOf('acme') }]);
  });
});

it('drops the role on the way back, and lets the login use the tables', async () => {
  await adopter.adopt(newClient('acme'));
  await adopter.undo('acme');
  expect(await database.tenantRoles()).toEqual([]);
  expect(await schemas.findings()).toEqual([]);
  await once(database.url, `INSERT INTO public."user" (name) VALUES ('b')`);
  expect(await database.sql('SELECT public.users()::int AS users')).toEqual([{ users: 2 }]);
  await adopter.adopt(newClient('acme'));
  expect(await schemas.findings()).toEqual([]);
});

it('gives an existing schema of the login its role', async () => {
  const [{ name = '' } = {}] = readHistory(HISTORY, 'test');
  await database.sql(`GRANT CREATE ON DATABASE ${database.name} TO ${database.login}`);
  await once(
    database.url,
    'CREATE SCHEMA globex',
    'SET search_path TO globex',
    ...STATEMENTS.map((statement) => statement.replaceAll('public', 'globex')),
  );
  await schemas.migrator.migrateShared();
  const tenant = await adopter.adoptSchema(newClient('globex'), { applied: name });
  expect(await schemas.findings()).toEqual([]);
  expect(await database.tenantRoles()).toEqual([database.roleOf('globex')]);
  await tenantContext.run(tenant, async () => {
    await schemas.dataSource.query(`INSERT INTO "__tenant__"."user" (name) VALUES ('b')`);
  });
  expect(await database.sql('SELECT name FROM globex.user')).toEqual([{ name: 'b' }]);
});
