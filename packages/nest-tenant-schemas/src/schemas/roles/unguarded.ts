import type { DataSource } from 'typeorm';
import { SHARED_TARGET } from '../catalog/schema-target.js';
import type { TenantRoles } from './tenant-roles.js';

/**
 * Lists schemas of $1 that the owner $3 does not own, or that no role of $2 may use. Schemas that the login
 * may not act for count too.
 */
const UNGUARDED = `
SELECT w.schema FROM unnest($1::text[], $2::text[]) AS w (schema, role)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = w.schema
LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = w.role
WHERE pg_get_userbyid(n.nspowner) <> $3 OR r.oid IS NULL
  OR NOT has_schema_privilege(r.oid, n.oid, 'USAGE') OR NOT pg_has_role(session_user, r.oid, $4)`;

/**
 * Returns the schemas that lack their tenant's role, in one query. One transaction sets up everything that a
 * role needs, so a few checks are enough. The doctor finds rights that were revoked manually.
 */
export async function readUnguarded(
  dataSource: DataSource,
  roles: TenantRoles,
  schemas: readonly string[],
): Promise<ReadonlySet<string>> {
  if (schemas.length === 0) return new Set();
  const names = schemas.map((schema) => roles.nameOf(schema));
  const rows = (await SHARED_TARGET.enter(() =>
    dataSource.query(UNGUARDED, [schemas, names, roles.owner, roles.actAs]),
  )) as { schema: string }[];
  return new Set(rows.map(({ schema }) => schema));
}
