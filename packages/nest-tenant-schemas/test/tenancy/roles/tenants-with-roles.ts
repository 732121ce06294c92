// What the specs on roles share: tenants of ./support.js with a role each, and a login that inherits and owns
// nothing, through a PgBouncer of its own where the project has one in front.
import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ownerRoleName, tenantRoleName } from '../../../src/core/names/role-name.js';
import type { IsolationOptions, Tenant, TenantDataSourceOptions } from '../../../src/index.js';
import { Observer, type TestDatabase, withDatabase } from 'test-support/test-database.js';
import { testServer } from 'test-support/test-server.js';
import { startPgBouncer } from 'test-support/throw-away.js';
import { A, B, createTenants, openTenantDataSource } from '../support.js';

export interface TenantsWithRoles extends TestDatabase {
  /** The server, as the login that inherits and owns nothing. */
  readonly loginUrl: string;
  readonly login: string;
  /** The name of a tenant's role. */
  roleOf(tenant: Tenant): string;
  readonly ownerRole: string;
  /** `sql` as a superuser, who may end everybody's backends and take functions from everybody. */
  sqlAsSuperuser: TestDatabase['sql'];
}

/** Creates the tenants with the login, their roles and the owner's. `drop()` takes the roles along. */
export async function createTenantsWithRoles(
  tenants: readonly Tenant[] = [A, B],
): Promise<TenantsWithRoles> {
  const database = await createTenants(tenants);
  const login = `nts_test_login_${randomBytes(4).toString('hex')}`;
  const roleOf = ({ schema }: Tenant): string => tenantRoleName(database.name, schema);
  const ownerRole = ownerRoleName(database.name);
  const roles = [...tenants.map(roleOf), ownerRole];
  await database.sql(`CREATE ROLE ${login} LOGIN NOINHERIT PASSWORD 'secret'`);
  for (const role of roles) await database.sql(`CREATE ROLE "${role}"; ${grantTo(login, role)}`);
  for (const tenant of tenants) {
    await database.sql(grantSchema(tenant.schema, roleOf(tenant), 'USAGE'));
    await database.sql(grantSchema(tenant.schema, ownerRole, 'USAGE, CREATE'));
  }
  await database.sql(`GRANT USAGE ON SCHEMA public TO PUBLIC;
                      GRANT SELECT, INSERT ON public.notices TO ${login}`);
  const url = new URL(database.directUrl);
  url.username = login;
  url.password = 'secret';
  const superuser = new Observer(withDatabase(testServer().superuserUrl, database.name));
  const pooler = testServer().isBehindPgBouncer ? await startPgBouncer(url.toString()) : undefined;
  if (pooler) url.port = new URL(pooler.url).port;
  return {
    ...database,
    loginUrl: url.toString(),
    login,
    roleOf,
    ownerRole,
    sqlAsSuperuser: (text, values) => superuser.sql(text, values),
    async drop() {
      await pooler?.stop();
      await superuser.end();
      await database.drop();
      const server = new Observer(testServer().directUrl);
      await server.sql(`DROP ROLE ${[login, ...roles.map((role) => `"${role}"`)].join(', ')}`);
      await server.end();
    },
  };
}

/** An initialized DataSource as the login, with roles unless the options say otherwise. */
export function openWithRoles(
  tenants: TenantsWithRoles,
  options: Partial<TenantDataSourceOptions> = {},
): Promise<DataSource> {
  return openTenantDataSource(tenants, { url: tenants.loginUrl, isolation: 'role', ...options });
}

/** Every combination of isolation and raw SQL, by what goes ahead of a statement. */
export const EVERY_SETTING: readonly [string, Partial<IsolationOptions>][] = [
  ['neither', {}],
  ['a search path', { rawSql: 'search_path' }],
  ['a role', { isolation: 'role' }],
  ['role and search path', { isolation: 'role', rawSql: 'search_path' }],
];

/** An initialized DataSource with these options, as the login if tenants have roles. */
export function openWith(
  tenants: TenantsWithRoles,
  options: Partial<TenantDataSourceOptions>,
): Promise<DataSource> {
  const open = options.isolation === 'role' ? openWithRoles : openTenantDataSource;
  return open(tenants as never, options);
}

/** Before PostgreSQL 16 it is the login's NOINHERIT alone that keeps it from inheriting. */
const grantTo = (login: string, role: string): string =>
  `DO $$ BEGIN
     IF current_setting('server_version_num')::int < 160000 THEN GRANT "${role}" TO ${login};
     ELSE EXECUTE 'GRANT "${role}" TO ${login} WITH INHERIT FALSE, SET TRUE'; END IF;
   END $$`;

const grantSchema = (schema: string, role: string, rights: string): string =>
  `GRANT ${rights} ON SCHEMA ${schema} TO "${role}";
   GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO "${role}";
   GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO "${role}"`;
