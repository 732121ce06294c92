import { allTenants } from '../../context/all-tenants.js';
import type { DataSource } from 'typeorm';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import type { TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import { migrationsTableComment } from '../catalog/migrations-table-comment.js';
import { CREATE_MARKER } from '../lifecycle/create-marker.js';
import { type Finding, type FindingCode, finding, some } from '../doctor/finding.js';
import { SHARED_SCHEMA, SHARED_TARGET } from '../catalog/schema-target.js';
import { type RunQuery, readLoginGrants, readTenantGrants } from './grants.js';
import { readForeignObjects } from './ownership.js';
import { readRoleAttributes } from './role-attributes.js';
import { readSharedGrants } from './shared-grants.js';
import type { TenantRoles } from './tenant-roles.js';

const queryOf =
  (dataSource: DataSource): RunQuery =>
  (text, values) =>
    SHARED_TARGET.enter(() => dataSource.query(text, values));

/** Reads findings about tenants' roles, in a fixed number of queries. */
export async function readRoleFindings(
  dataSource: DataSource,
  roles: TenantRoles,
  schemas: readonly string[],
): Promise<(schema: string) => readonly Finding[]> {
  const runQuery = queryOf(dataSource);
  const objects = await readForeignObjects(runQuery, roles, schemas);
  const { missing, differences } = await readRoleAttributes(runQuery, roles, schemas);
  const grants = await readTenantGrants(runQuery, roles, schemas);
  const found = [
    ...perSchema('OWNER_DIFFERS', objects, (what) => `${roles.owner} does not own ${what}.`),
    ...[...missing].map((schema) =>
      roleFinding('ROLE_MISSING', schema, `The tenant has no role ${roles.nameOf(schema)}.`),
    ),
    ...perSchema(
      'GRANTS_DIFFER',
      [...grants, ...differences],
      (what, schema) => `The role ${roles.nameOf(schema)} ${what}.`,
    ),
  ];
  return (schema) => found.filter((each) => each.schema === schema);
}

/** Reads findings about the rights of the login and of all tenants in the shared schema. */
export async function readSharedRoleFindings(
  dataSource: DataSource,
  roles: TenantRoles,
): Promise<readonly Finding[]> {
  const runQuery = queryOf(dataSource);
  const objects = await readForeignObjects(runQuery, roles, [SHARED_SCHEMA]);
  const login = await readLoginGrants(runQuery, roles);
  const shared = await readSharedGrants(runQuery, roles);
  return [
    ...perSchema('OWNER_DIFFERS', objects, (what) => `${roles.owner} does not own ${what}.`),
    ...perSchema('GRANTS_DIFFER', login, (what) => `The login ${what}.`),
    ...perSchema('GRANTS_DIFFER', shared, (what) => `In the shared schema ${what}.`),
  ];
}

/** Yields roles of this database that have a tenant's name but no tenant. */
export async function* findRolesWithoutTenant(
  dataSource: DataSource,
  roles: TenantRoles,
  registry: TenantRegistry,
): AsyncGenerator<Finding> {
  const rows = (await queryOf(dataSource)(
    // If a schema is being created or was abandoned, its role is dropped with it.
    `SELECT rolname AS name FROM pg_catalog.pg_roles WHERE starts_with(rolname, $1) AND NOT EXISTS (
       SELECT FROM pg_catalog.pg_namespace AS n
       WHERE n.nspname = substr(rolname, length($1) + 1)
         AND starts_with(${migrationsTableComment('n.oid')}, '${CREATE_MARKER}'))
     ORDER BY rolname`,
    [roles.prefix],
  )) as { name: string }[];
  // It reads roles before rows, so that it sees both of a tenant that is created meanwhile.
  const left = new Set(rows.map(({ name }) => name));
  for await (const { schema } of allTenants(registry)) left.delete(roles.nameOf(schema));
  for (const role of left) {
    yield finding(
      'ROLE_WITHOUT_TENANT',
      role.slice(roles.prefix.length),
      `The role ${role} was created for a tenant, but no tenant has it.`,
      `tenant-schemas doctor --fix, or: DROP ROLE ${quoteIdentifier(role)}`,
    );
  }
}

function perSchema(
  code: FindingCode,
  rows: readonly { readonly schema: string; readonly what: string }[],
  problem: (what: string, schema: string) => string,
): Finding[] {
  const bySchema = new Map<string, string[]>();
  for (const { schema, what } of rows)
    bySchema.set(schema, [...(bySchema.get(schema) ?? []), what]);
  return [...bySchema].map(([schema, found]) =>
    roleFinding(code, schema, problem(some(found), schema)),
  );
}

function roleFinding(code: FindingCode, schema: string, problem: string): Finding {
  const which = schema === SHARED_SCHEMA ? '' : ` --schema ${schema}`;
  return finding(code, schema, problem, `tenant-schemas doctor --fix${which}`);
}
