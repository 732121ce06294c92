// What the specs on pins share: the two tenants of ./support.js with a role each, and a login that inherits and
// owns nothing. Pins need sessions, so these go to the server itself where the project has a pooler in front.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { ownerRoleName, tenantRoleName } from '../../src/tenancy/core/role-name.js';
import type { Tenant, TenantDataSourceOptions } from '../../src/tenancy/index.js';
import type { TestDatabase } from '../support/test-database.js';
import { testServer } from '../support/test-server.js';
import { A, B, createTwoTenants, openTenantDataSource } from './support.js';

export interface WalledTenants extends TestDatabase {
  /** The server itself, as the login that inherits and owns nothing. */
  readonly loginUrl: string;
  readonly login: string;
  /** The name of a tenant's role. */
  roleOf(tenant: Tenant): string;
  readonly ownerRole: string;
}

/** Creates both tenants with the login, their roles and the owner's. `drop()` takes the roles along. */
export async function createWalledTenants(): Promise<WalledTenants> {
  const database = await createTwoTenants();
  const login = `nts_test_login_${randomBytes(4).toString('hex')}`;
  const roleOf = ({ schema }: Tenant): string => tenantRoleName(database.name, schema);
  const ownerRole = ownerRoleName(database.name);
  const roles = [roleOf(A), roleOf(B), ownerRole];
  await database.sql(`CREATE ROLE ${login} LOGIN NOINHERIT PASSWORD 'secret'`);
  for (const role of roles) await database.sql(`CREATE ROLE "${role}"; ${grantTo(login, role)}`);
  for (const tenant of [A, B]) {
    await database.sql(grantSchema(tenant.schema, roleOf(tenant), 'USAGE'));
    await database.sql(grantSchema(tenant.schema, ownerRole, 'USAGE, CREATE'));
  }
  await database.sql(`GRANT USAGE ON SCHEMA public TO PUBLIC;
                      GRANT SELECT, INSERT ON public.notices TO ${login}`);
  const url = new URL(database.directUrl);
  url.username = login;
  url.password = 'secret';
  return {
    ...database,
    loginUrl: url.toString(),
    login,
    roleOf,
    ownerRole,
    async drop() {
      await database.drop();
      const client = new pg.Client({ connectionString: testServer().directUrl });
      await client.connect();
      await client.query(`DROP ROLE ${[login, ...roles.map((role) => `"${role}"`)].join(', ')}`);
      await client.end();
    },
  };
}

/** An initialized DataSource as the login, with the second wall unless the options say otherwise. */
export function openWalled(
  tenants: WalledTenants,
  options: Partial<TenantDataSourceOptions> = {},
): Promise<DataSource> {
  return openTenantDataSource(tenants, { url: tenants.loginUrl, isolation: 'role', ...options });
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
