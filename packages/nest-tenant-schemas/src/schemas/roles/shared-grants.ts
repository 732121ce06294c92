import { TenancyOptionsError } from '../../errors/tenancy-options.error.js';
import { SHARED_SCHEMA } from '../catalog/schema-target.js';
import type { RunQuery, GrantDifference } from './grants.js';
import type { TenantRoles } from './tenant-roles.js';

const PRIVILEGES: ReadonlySet<string> = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE']);

/**
 * Lists differences between actual and expected rights of the role $2 on shared tables and their sequences.
 * Expected are the privileges $4 on the tables $3. INSERT includes the use of sequences.
 */
const DIFFERENCES = `
WITH role AS (SELECT oid, rolname FROM pg_catalog.pg_roles WHERE rolname = $2),
relation AS (
  SELECT c.oid, c.relname, c.relacl, c.relkind = 'S' AS "isSequence"
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
), wanted AS (
  SELECT r.oid, w.privilege FROM unnest($3::text[], $4::text[]) AS w (name, privilege)
  JOIN relation AS r ON r.relname = w.name AND NOT r."isSequence"
  UNION
  SELECT s.oid, 'USAGE' FROM unnest($3::text[], $4::text[]) AS w (name, privilege)
  JOIN relation AS r ON r.relname = w.name
  JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = r.oid
    AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid <> 0
  JOIN relation AS s ON s.oid = d.objid AND s."isSequence"
  WHERE w.privilege = 'INSERT'
), granted AS (
  SELECT r.oid, x.privilege_type AS privilege
  FROM relation AS r, aclexplode(r.relacl) AS x WHERE x.grantee = (SELECT oid FROM role)
)
SELECT $1 AS schema,
       CASE WHEN granted.oid IS NULL THEN 'tenants lack ' ELSE 'tenants have ' END || privilege || ' on ' || relname AS what,
       format(CASE WHEN granted.oid IS NULL THEN 'GRANT %s ON %s%I.%I TO %I' ELSE 'REVOKE %s ON %s%I.%I FROM %I' END,
         privilege, CASE WHEN "isSequence" THEN 'SEQUENCE ' END, $1, relname, (SELECT rolname FROM role)) AS statement
FROM wanted FULL JOIN granted USING (oid, privilege) JOIN relation USING (oid)
WHERE wanted.oid IS NULL OR granted.oid IS NULL
ORDER BY relname, privilege`;

/**
 * Reads the differences between actual shared grants and those that the application configures for all
 * tenants.
 */
export async function readSharedGrants(
  runQuery: RunQuery,
  { everyTenant, options: { sharedGrants = {} } }: TenantRoles,
): Promise<readonly GrantDifference[]> {
  const wanted = Object.entries(sharedGrants).flatMap(([table, privileges]) =>
    privileges.map((privilege) => ({ table, privilege })),
  );
  const found = await runQuery(DIFFERENCES, [
    SHARED_SCHEMA,
    everyTenant,
    wanted.map(({ table }) => table),
    wanted.map(({ privilege }) => privilege),
  ]);
  return found as GrantDifference[];
}

/**
 * Asserts that the shared schema has all tables of the shared grants. Call it after the shared schema is up
 * to date.
 *
 * @throws TenancyOptionsError names the first missing table
 */
export async function assertSharedTables(
  runQuery: RunQuery,
  { options: { sharedGrants = {} } }: TenantRoles,
): Promise<void> {
  const tables = Object.keys(sharedGrants);
  if (tables.length === 0) return;
  const [missing] = (await runQuery(
    `SELECT name FROM unnest($2::text[]) AS name
     WHERE to_regclass(format('%I.%I', $1::text, name)) IS NULL`,
    [SHARED_SCHEMA, tables],
  )) as { name: string }[];
  if (!missing) return;
  throw new TenancyOptionsError(
    'TenantModule: roles.sharedGrants',
    `must name tables of schema ${SHARED_SCHEMA}, which has no "${missing.name}".`,
  );
}

/**
 * Asserts that the shared grants contain only privileges that tenants can have.
 *
 * @throws TenancyOptionsError names the invalid privilege
 */
export function assertSharedGrants(
  sharedGrants: Readonly<Record<string, readonly string[]>>,
): void {
  for (const [table, privileges] of Object.entries(sharedGrants)) {
    const wrong = privileges.find((privilege) => !PRIVILEGES.has(privilege));
    if (wrong === undefined) continue;
    throw new TenancyOptionsError(
      `TenantModule: roles.sharedGrants.${table}`,
      `must be some of ${[...PRIVILEGES].join(', ')} (got ${JSON.stringify(wrong)})`,
    );
  }
}
