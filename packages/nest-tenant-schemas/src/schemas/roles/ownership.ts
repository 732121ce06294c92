import type { QueryRunner } from 'typeorm';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { joinStatements } from '../../core/sql/statement-batch.js';
import { SHARED_SCHEMA } from '../catalog/schema-target.js';
import type { TenantRoles } from './tenant-roles.js';

/** Describes an object that the owner role does not own, and the statement that changes its owner. */
export interface ForeignObject {
  readonly schema: string;
  /** The kind and the name of the object, for example `table acme.polls`. */
  readonly what: string;
  readonly statement: string;
}

/** Lists kinds of objects that have a schema and an owner. */
export const CATALOGUES_WITH_SCHEMA = [
  'pg_class',
  'pg_proc',
  'pg_type',
  'pg_statistic_ext',
  'pg_collation',
  'pg_conversion',
  'pg_operator',
  'pg_opclass',
  'pg_opfamily',
  'pg_ts_config',
  'pg_ts_dict',
];

/**
 * Lists the objects of the schemas $1 that the role $2 does not own, and each schema after its objects. In
 * the shared schema it lists only objects of the login. Sequences of columns follow their tables, and parts
 * of objects or extensions follow the whole.
 *
 * It reads the dependencies of a schema, which have an index. The catalogues of objects have no index by
 * schema.
 */
const FOREIGN_OBJECTS = `
WITH namespace AS (SELECT n.* FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ANY ($1)),
wanted AS (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $2),
login AS (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user),
foreigner AS (
  SELECT n.nspname, d.classid, d.objid
  FROM namespace AS n
  JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_namespace'::regclass AND d.refobjid = n.oid
    AND d.deptype = 'n' AND d.objsubid = 0
  LEFT JOIN pg_catalog.pg_shdepend AS s ON s.classid = d.classid AND s.objid = d.objid AND s.objsubid = 0
    AND s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    AND s.refclassid = 'pg_catalog.pg_authid'::regclass AND s.deptype = 'o'
  WHERE d.classid IN (${CATALOGUES_WITH_SCHEMA.map((name) => `'pg_catalog.${name}'::regclass`).join(', ')})
    AND s.refobjid IS DISTINCT FROM (SELECT oid FROM wanted)
    AND (n.nspname <> '${SHARED_SCHEMA}' OR s.refobjid = (SELECT oid FROM login))
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS e
                    WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype IN ('e', 'i')
                      -- A partitioned table depends on its own key.
                      AND (e.refclassid, e.refobjid) <> (d.classid, d.objid))
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS c
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND c.classid = d.classid AND c.objid = d.objid
                      AND c.refclassid = d.classid AND c.deptype = 'a' AND c.refobjsubid <> 0)
)
SELECT f.nspname AS schema, i.type || ' ' || i.identity AS what,
       format('ALTER %s %s OWNER TO %I',
         CASE i.type WHEN 'statistics object' THEN 'STATISTICS' ELSE upper(i.type) END, i.identity, $2) AS statement
FROM foreigner AS f CROSS JOIN LATERAL pg_identify_object(f.classid, f.objid, 0) AS i
UNION ALL
SELECT n.nspname, 'the schema itself', format('ALTER SCHEMA %I OWNER TO %I', n.nspname, $2)
FROM namespace AS n WHERE n.nspowner IS DISTINCT FROM (SELECT oid FROM wanted) AND n.nspname <> '${SHARED_SCHEMA}'`;

/** Reads the objects of the schemas that the owner role does not own. A schema comes after its objects. */
export async function readForeignObjects(
  runQuery: (statement: string, values: unknown[]) => Promise<unknown>,
  roles: TenantRoles,
  schemas: readonly string[],
): Promise<readonly ForeignObject[]> {
  return (await runQuery(FOREIGN_OBJECTS, [schemas, roles.owner])) as ForeignObject[];
}

/**
 * Passes a schema, and all objects that the login created in it, to the owner role. Schemas from before
 * isolation by roles need it. It runs in the runner's transaction with the rights of the owner.
 */
export async function passToOwner(
  queryRunner: QueryRunner,
  roles: TenantRoles,
  schema: string,
): Promise<void> {
  const runQuery = (text: string, values: unknown[]): Promise<unknown> =>
    queryRunner.query(text, values);
  const objects = await readForeignObjects(runQuery, roles, [schema]);
  if (objects.length === 0) return;
  const [name, owner] = [quoteIdentifier(schema), quoteIdentifier(roles.owner)];
  const statements = objects.map(({ statement }) => statement);
  const isSchemaPassed = statements.some((statement) => statement.startsWith('ALTER SCHEMA '));
  // To change an owner, the old owner needs USAGE on the schema, and the new owner needs CREATE.
  const [before, after] =
    schema === SHARED_SCHEMA || isSchemaPassed
      ? [[], []]
      : [
          [`GRANT USAGE ON SCHEMA ${name} TO SESSION_USER`],
          [`REVOKE USAGE ON SCHEMA ${name} FROM SESSION_USER`],
        ];
  await queryRunner.query(
    joinStatements([
      ...before,
      'SET LOCAL ROLE NONE',
      ...(isSchemaPassed ? [`GRANT USAGE, CREATE ON SCHEMA ${name} TO ${owner}`] : []),
      ...statements,
      `SET LOCAL ROLE ${owner}`,
      ...after,
    ]),
  );
}
