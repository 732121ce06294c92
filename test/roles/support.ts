// What the specs of roles share: a database for a login that inherits nothing and owns only the database, in
// which PUBLIC has neither set_config nor the names of prepared statements, as the embedded server is prepared.
import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { AuditLog } from '../../src/audit/audit-log.js';
import { Client } from '../../src/clients/client.entity.js';
import { ClientRegistry } from '../../src/clients/registry/client-registry.js';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { sharedMigrations } from '../../src/database/migrations/shared/index.js';
import { tenantMigrations } from '../../src/database/migrations/tenant/index.js';
import {
  everyTenantRoleName,
  ownerRoleName,
  tenantRoleName,
  tenantRolePrefix,
} from '../../packages/nest-tenant-schemas/src/core/names/role-name.js';
import {
  PREPARED_STATEMENTS,
  SET_CONFIG,
} from '../../packages/nest-tenant-schemas/src/schemas/roles/login-facts.js';
import {
  findRolesWithoutTenant,
  readRoleFindings,
  readSharedRoleFindings,
} from '../../packages/nest-tenant-schemas/src/schemas/roles/role-findings.js';
import { TenantRoles } from '../../packages/nest-tenant-schemas/src/schemas/roles/tenant-roles.js';
import { checkDatabase } from '../../packages/nest-tenant-schemas/src/start-up-checks.js';
import {
  createTenantDataSource,
  quoteIdentifier,
  type Finding,
  type MigrationClass,
  readHistory,
  SchemaDoctor,
  SchemaMigrator,
  TenantCloner,
  type TenantDataSourceOptions,
  TenantProvisioner,
  TenantRenamer,
  type TenantRolesOptions,
} from 'nest-tenant-schemas';
import { AS_COPY, Observer, once, TEST_DATABASE_PREFIX } from 'test-support/test-database.js';
import { testServer } from 'test-support/test-server.js';

export interface RoleDatabase {
  readonly name: string;
  readonly login: string;
  /** As the login. */
  readonly url: string;
  readonly owner: string;
  readonly everyTenant: string;
  roleOf(schema: string): string;
  /** Runs SQL as a superuser and returns the rows of the last statement. */
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Names of all roles of this database's tenants. */
  tenantRoles(): Promise<string[]>;
  /** With all roles of the database. */
  drop(): Promise<void>;
}

export interface RoleDatabaseOptions {
  /** Of the login, as CREATE ROLE has them. Default NOINHERIT CREATEROLE. */
  readonly attributes?: string;
  /** Whether the login owns the database, and PUBLIC has lost set_config and the names of prepared statements. Default true. */
  readonly isPrepared?: boolean;
  /** What its name ends in. */
  readonly suffix?: string;
}

export async function createRoleDatabase({
  attributes = 'NOINHERIT CREATEROLE',
  isPrepared = true,
  suffix = '',
}: RoleDatabaseOptions = {}): Promise<RoleDatabase> {
  const { superuserUrl } = testServer();
  const name = `${TEST_DATABASE_PREFIX}${process.pid}_${randomBytes(4).toString('hex')}${suffix}`;
  const login = `nts_test_login_${randomBytes(4).toString('hex')}`;
  const [quoted, ownership] = [quoteIdentifier(name), isPrepared ? `OWNER ${login}` : ''];
  await once(
    superuserUrl,
    `CREATE ROLE ${login} LOGIN ${attributes} PASSWORD 'secret'`,
    `CREATE DATABASE ${quoted} ${ownership} ${AS_COPY}`,
    `ALTER DATABASE ${quoted} SET search_path = ''`,
  );
  const url = new URL(superuserUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  const observer = new Observer(url.toString());
  if (isPrepared) {
    await observer.sql(
      `REVOKE EXECUTE ON FUNCTION ${SET_CONFIG} FROM PUBLIC; GRANT EXECUTE ON FUNCTION ${SET_CONFIG} TO ${login};
       REVOKE EXECUTE ON FUNCTION ${PREPARED_STATEMENTS} FROM PUBLIC`,
    );
  }
  Object.assign(url, { username: login, password: 'secret' });
  const rolesBehind = async (prefix: string): Promise<string[]> => {
    const rows = await observer.sql<{ rolname: string }>(
      'SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1) ORDER BY 1',
      [prefix],
    );
    return rows.map(({ rolname }) => rolname);
  };
  return {
    name,
    login,
    url: url.toString(),
    owner: ownerRoleName(name),
    everyTenant: everyTenantRoleName(name),
    roleOf: (schema) => tenantRoleName(name, schema),
    sql: (text, values) => observer.sql(text, values),
    tenantRoles: () => rolesBehind(tenantRolePrefix(name)),
    async drop() {
      const roles = await rolesBehind(tenantRolePrefix(name).slice(0, -1));
      await observer.end();
      await once(
        superuserUrl,
        `DROP DATABASE IF EXISTS ${quoted} WITH (FORCE)`,
        // The owner last, who granted what the others have.
        ...[...roles.toReversed(), login].map((role) => `DROP ROLE "${role}"`),
      );
    },
  };
}

/** The engine's services on one DataSource. */
export interface RoleSchemas {
  readonly dataSource: DataSource;
  readonly registry: ClientRegistry;
  readonly migrator: SchemaMigrator;
  readonly provisioner: TenantProvisioner<Client>;
  readonly cloner: TenantCloner<Client>;
  readonly renamer: TenantRenamer<Client>;
  readonly doctor: SchemaDoctor;
  /** What is found of roles. */
  findings(): Promise<Finding[]>;
}

export interface RoleSchemasOptions extends Pick<TenantDataSourceOptions, 'isolation'> {
  readonly shared?: readonly MigrationClass[];
  readonly tenant?: readonly MigrationClass[];
  readonly roles?: TenantRolesOptions;
}

/** An initialized DataSource as the login, with roles unless the options say otherwise, and its services. */
export async function openRoleSchemas(
  { url }: Pick<RoleDatabase, 'url'>,
  {
    isolation = 'role',
    shared = sharedMigrations,
    tenant = tenantMigrations,
    roles,
  }: RoleSchemasOptions = {},
): Promise<RoleSchemas> {
  const options = dataSourceOptions({ databasePoolSize: 10, logLevel: 'error' }, url);
  const dataSource = await createTenantDataSource({ ...options, isolation }).initialize();
  try {
    await checkDatabase(dataSource, roles);
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
  const registry = new ClientRegistry(dataSource, new AuditLog({ name: 'test', via: 'test' }));
  const histories = {
    shared: readHistory(shared, 'shared'),
    tenant: readHistory(tenant, 'tenant'),
  };
  const tenantRoles = TenantRoles.of(dataSource, roles) as TenantRoles;
  return {
    dataSource,
    registry,
    doctor: new SchemaDoctor(dataSource, registry, histories, roles),
    migrator: new SchemaMigrator(dataSource, registry, histories, roles),
    provisioner: new TenantProvisioner(dataSource, registry, histories.tenant, roles),
    cloner: new TenantCloner(dataSource, registry, histories.tenant, roles),
    renamer: new TenantRenamer(dataSource, registry),
    async findings() {
      const found = [...(await readSharedRoleFindings(dataSource, tenantRoles))];
      const names: string[] = [];
      for await (const { schema } of registry.all()) names.push(schema);
      const of = await readRoleFindings(dataSource, tenantRoles, names);
      for (const schema of names) found.push(...of(schema));
      for await (const each of findRolesWithoutTenant(dataSource, tenantRoles, registry)) {
        found.push(each);
      }
      return found;
    },
  };
}

/** The same with the shared schema up to date. */
export async function openMigrated(
  database: Pick<RoleDatabase, 'url'>,
  options?: RoleSchemasOptions,
): Promise<RoleSchemas> {
  const schemas = await openRoleSchemas(database, options);
  const { error } = await schemas.migrator.migrateShared();
  if (error) throw error;
  return schemas;
}
