import { MIGRATIONS_TABLE } from '../catalog/migrations-table-comment.js';
import { SHARED_SCHEMA } from '../catalog/schema-target.js';
import { SEQUENCE_PRIVILEGES, TABLE_PRIVILEGES, type TenantRoles } from './tenant-roles.js';

/** Describes a right that a role lacks or has in excess, and the statement that corrects it. */
export interface GrantDifference {
  readonly schema: string;
  /** The difference in words, for example `lacks SELECT on polls`. */
  readonly what: string;
  readonly statement: string;
}

export type RunQuery = (statement: string, values: unknown[]) => Promise<unknown>;

const literals = (names: readonly string[]): string =>
  `ARRAY[${names.map((name) => `'${name}'`).join(', ')}]`;

const MIGRATIONS_TABLE_PATTERN = MIGRATIONS_TABLE.replaceAll('_', String.raw`\_`);

const defaultGrants = (kind: string, noun: string, privileges: readonly string[]): string => `
SELECT w.schema, format('lacks %s on future ${noun.toLowerCase()}', lacking.names),
       format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT %s ON ${noun} TO %I', w.schema, lacking.names, w.name)
FROM wanted AS w CROSS JOIN LATERAL (
  SELECT string_agg(p, ', ') AS names FROM unnest(${literals(privileges)}) AS p
  WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_default_acl AS a, aclexplode(a.defaclacl) AS x
    WHERE a.defaclnamespace = w.namespace AND a.defaclrole = w.owner AND a.defaclobjtype = '${kind}'
      AND x.grantee = w.grantee AND x.privilege_type = p)
) AS lacking WHERE lacking.names IS NOT NULL`;

/**
 * Lists differences between actual and expected rights of the roles $2 in the schemas $1, on objects of the
 * owner $3. Expected are the use of the schema, and all rights on rows and sequences, also of future tables.
 * The migrations table is excluded. All roles that may use the schema may call its functions, unless a
 * migration revokes that.
 */
const DIFFERENCES = `
WITH wanted AS (
  SELECT n.nspname AS schema, n.oid AS namespace, n.nspacl AS acl, r.rolname AS name, r.oid AS grantee, o.oid AS owner
  FROM unnest($1::text[], $2::text[]) AS w (schema, role)
  JOIN pg_catalog.pg_namespace AS n ON n.nspname = w.schema
  JOIN pg_catalog.pg_roles AS r ON r.rolname = w.role
  JOIN pg_catalog.pg_roles AS o ON o.rolname = $3
), relation AS (
  SELECT w.*, c.oid, c.relname, c.relkind = 'S' AS "isSequence"
  FROM wanted AS w
  JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_namespace'::regclass AND d.refobjid = w.namespace
    AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'n' AND d.objsubid = 0
  JOIN pg_catalog.pg_class AS c ON c.oid = d.objid
  WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND c.relowner = w.owner
)
SELECT w.schema, 'lacks USAGE on the schema' AS what, format('GRANT USAGE ON SCHEMA %I TO %I', w.schema, w.name) AS statement
FROM wanted AS w WHERE NOT has_schema_privilege(w.grantee, w.namespace, 'USAGE')
UNION ALL
SELECT w.schema, 'may create objects in the schema', format('REVOKE CREATE ON SCHEMA %I FROM %I', w.schema, w.name)
FROM wanted AS w WHERE EXISTS (SELECT FROM aclexplode(w.acl) AS x WHERE x.grantee = w.grantee AND x.privilege_type = 'CREATE')
UNION ALL
SELECT r.schema, format('lacks %s on %s', lacking.names, r.relname),
       format('GRANT %s ON %s%I.%I TO %I', lacking.names, CASE WHEN r."isSequence" THEN 'SEQUENCE ' END, r.schema, r.relname, r.name)
FROM relation AS r CROSS JOIN LATERAL (
  SELECT string_agg(p, ', ') AS names
  FROM unnest(CASE WHEN r."isSequence" THEN ${literals(SEQUENCE_PRIVILEGES)} ELSE ${literals(TABLE_PRIVILEGES)} END) AS p
  WHERE NOT CASE WHEN r."isSequence" THEN has_sequence_privilege(r.grantee, r.oid, p) ELSE has_table_privilege(r.grantee, r.oid, p) END
) AS lacking
WHERE lacking.names IS NOT NULL AND r.relname <> '${MIGRATIONS_TABLE}' AND r.relname NOT LIKE '${MIGRATIONS_TABLE_PATTERN}\\_%'
UNION ALL
SELECT r.schema, 'may use the migrations table', format('REVOKE ALL ON %I.%I FROM %I', r.schema, r.relname, r.name)
FROM relation AS r
WHERE r.relname = '${MIGRATIONS_TABLE}' AND has_table_privilege(r.grantee, r.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
UNION ALL ${defaultGrants('r', 'TABLES', TABLE_PRIVILEGES)}
UNION ALL ${defaultGrants('S', 'SEQUENCES', SEQUENCE_PRIVILEGES)}`;

/**
 * Lists roles of this database that may use another tenant's schema of $1. These are PUBLIC, the role $3 of
 * all tenants, and tenants' roles other than in $2. Grants of administrators to other roles are not included.
 */
const FOREIGN_GRANTS = `
SELECT n.nspname AS schema, format('shares its schema with %s', coalesce(r.rolname, 'PUBLIC')) AS what,
       format('REVOKE ALL ON SCHEMA %I FROM %s', n.nspname, coalesce(quote_ident(r.rolname), 'PUBLIC')) AS statement
FROM unnest($1::text[], $2::text[]) AS w (schema, role)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = w.schema
CROSS JOIN LATERAL (SELECT DISTINCT grantee FROM aclexplode(n.nspacl)) AS x
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = x.grantee
WHERE x.grantee = 0 OR r.rolname = $3 OR starts_with(r.rolname, $4) AND r.rolname <> w.role`;

/** Reads the differences between actual and expected rights of tenants' roles in their schemas. */
export async function readTenantGrants(
  runQuery: RunQuery,
  roles: TenantRoles,
  schemas: readonly string[],
): Promise<readonly GrantDifference[]> {
  const names = schemas.map((schema) => roles.nameOf(schema));
  const own = await runQuery(DIFFERENCES, [schemas, names, roles.owner]);
  const foreign = await runQuery(FOREIGN_GRANTS, [schemas, names, roles.everyTenant, roles.prefix]);
  return [...(own as GrantDifference[]), ...(foreign as GrantDifference[])];
}

/**
 * Reads the differences between actual and expected rights of the login in the shared schema, without a
 * tenant.
 */
export async function readLoginGrants(
  runQuery: RunQuery,
  roles: TenantRoles,
): Promise<readonly GrantDifference[]> {
  const [{ login }] = (await runQuery('SELECT session_user AS login', [])) as [{ login: string }];
  const found = await runQuery(DIFFERENCES, [[SHARED_SCHEMA], [login], roles.owner]);
  return found as GrantDifference[];
}
