import type { QueryRunner } from 'typeorm';
import { CATALOGUES_WITH_SCHEMA } from '../roles/ownership.js';

/** Describes an object of a schema that SET SCHEMA moves. Indexes, triggers and sequences of columns follow their table. */
export interface SchemaObject {
  /** Identifies the object in the result of one read. */
  readonly id: string;
  /** The kind of object in the server's words, for example `materialized view`. */
  readonly type: string;
  /** The name without its schema. Functions that share a name differ in {@link identity}. */
  readonly name: string;
  /** The name for SQL, for example `public.total(integer)`. */
  readonly identity: string;
  readonly oid: string;
  readonly owner: string;
  /** Whether the role of the work may alter the object, and the role itself. */
  readonly isOwned: boolean;
  readonly role: string;
  /** Whether the object stays with the table that it belongs to: partitions and statistics. */
  readonly isPartOfTable: boolean;
}

/** Links two objects of a schema by their ids: the first one needs the second one. */
export interface Dependency {
  readonly from: string;
  readonly to: string;
}

/** Describes an object outside a schema that needs an object of the schema, for example `view reports.users`. */
export interface OutsideDependant {
  readonly what: string;
  readonly to: string;
}

const regclass = (catalogue: string): string => `'pg_catalog.${catalogue}'::regclass`;
const CATALOGUES = CATALOGUES_WITH_SCHEMA.map(regclass).join(', ');
const RELATION = regclass('pg_class');

/**
 * Selects the objects of the schema $1 as a whole. Objects of extensions are excluded, and parts of other objects: row
 * types, identity sequences, and sequences that a column owns.
 */
const OBJECTS = `
object AS MATERIALIZED (
  SELECT d.classid, d.objid
  FROM pg_catalog.pg_namespace AS n
  JOIN pg_catalog.pg_depend AS d ON d.refclassid = ${regclass('pg_namespace')} AND d.refobjid = n.oid
    AND d.deptype = 'n' AND d.objsubid = 0 AND d.classid IN (${CATALOGUES})
  WHERE n.nspname = $1
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS e
                    WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype IN ('e', 'i')
                      -- A partitioned table depends on its own key.
                      AND (e.refclassid, e.refobjid) <> (d.classid, d.objid))
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS c
                    WHERE d.classid = ${RELATION} AND c.classid = d.classid AND c.objid = d.objid
                      AND c.refclassid = d.classid AND c.deptype = 'a' AND c.refobjsubid <> 0)
)`;

/** Adds the parts of each object, such as constraints, defaults and the rule of a view. */
const MEMBERS = `${OBJECTS}, member AS (
  SELECT classid, objid, classid AS topclass, objid AS topobject FROM object
  UNION
  SELECT d.classid, d.objid, m.topclass, m.topobject
  FROM member AS m
  JOIN pg_catalog.pg_depend AS d
    ON d.refclassid = m.classid AND d.refobjid = m.objid AND d.deptype IN ('a', 'i', 'P', 'S')
  WHERE NOT EXISTS (SELECT FROM object AS o WHERE o.classid = d.classid AND o.objid = d.objid)
)`;

const READ_OBJECTS = `
WITH ${OBJECTS}
SELECT o.classid || ':' || o.objid AS id, i.type, i.identity, o.objid::text AS oid,
       coalesce(c.relname, p.proname, t.typname, s.stxname, i.name)::text AS name,
       coalesce(r.rolname, '') AS owner, current_user::text AS role,
       -- Objects of kinds without an owner need the owner of the database.
       coalesce(pg_has_role(current_user, r.oid, 'USAGE'), true) AS "isOwned",
       coalesce(c.relispartition, false) OR s.oid IS NOT NULL AS "isPartOfTable"
FROM object AS o
CROSS JOIN LATERAL pg_catalog.pg_identify_object(o.classid, o.objid, 0) AS i
LEFT JOIN pg_catalog.pg_class AS c ON o.classid = ${RELATION} AND c.oid = o.objid
LEFT JOIN pg_catalog.pg_proc AS p ON o.classid = ${regclass('pg_proc')} AND p.oid = o.objid
LEFT JOIN pg_catalog.pg_type AS t ON o.classid = ${regclass('pg_type')} AND t.oid = o.objid
LEFT JOIN pg_catalog.pg_statistic_ext AS s ON o.classid = ${regclass('pg_statistic_ext')} AND s.oid = o.objid
LEFT JOIN pg_catalog.pg_shdepend AS w ON w.classid = o.classid AND w.objid = o.objid AND w.objsubid = 0
  AND w.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
  AND w.refclassid = ${regclass('pg_authid')} AND w.deptype = 'o'
-- Objects of the server's first role have no dependency on it.
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = coalesce(w.refobjid, c.relowner, p.proowner, t.typowner)
ORDER BY o.classid, o.objid`;

const READ_DEPENDENCIES = `
WITH RECURSIVE ${MEMBERS}
SELECT DISTINCT m.topclass || ':' || m.topobject AS "from", n.topclass || ':' || n.topobject AS "to"
FROM member AS m
JOIN pg_catalog.pg_depend AS d ON d.classid = m.classid AND d.objid = m.objid
JOIN member AS n ON n.classid = d.refclassid AND n.objid = d.refobjid
WHERE (m.topclass, m.topobject) <> (n.topclass, n.topobject)`;

/** Casts and transforms have no schema, and follow their types. A publication is read by its tables. */
const READ_OUTSIDE = `
WITH RECURSIVE ${MEMBERS}
SELECT DISTINCT n.topclass || ':' || n.topobject AS "to", CASE WHEN d.classid = ${regclass('pg_rewrite')}
         THEN pg_describe_object(${RELATION}, (SELECT ev_class FROM pg_catalog.pg_rewrite WHERE oid = d.objid), 0)
         ELSE pg_describe_object(d.classid, d.objid, 0) END AS what
FROM member AS n
JOIN pg_catalog.pg_depend AS d ON d.refclassid = n.classid AND d.refobjid = n.objid AND d.deptype <> 'e'
WHERE NOT EXISTS (SELECT FROM member AS m WHERE m.classid = d.classid AND m.objid = d.objid)
  AND d.classid NOT IN (${['pg_cast', 'pg_transform', 'pg_publication_rel'].map(regclass).join(', ')})
ORDER BY what`;

/** Reads the objects of a schema. */
export function readObjects(
  queryRunner: QueryRunner,
  schema: string,
): Promise<readonly SchemaObject[]> {
  return queryRunner.query(READ_OBJECTS, [schema]) as Promise<SchemaObject[]>;
}

/** Reads which objects of a schema need each other. */
export function readDependencies(
  queryRunner: QueryRunner,
  schema: string,
): Promise<readonly Dependency[]> {
  return queryRunner.query(READ_DEPENDENCIES, [schema]) as Promise<Dependency[]>;
}

/** Reads which objects outside a schema need objects of the schema. */
export function readOutsideDependants(
  queryRunner: QueryRunner,
  schema: string,
): Promise<readonly OutsideDependant[]> {
  return queryRunner.query(READ_OUTSIDE, [schema]) as Promise<OutsideDependant[]>;
}

/**
 * Returns the statements that move objects with their parts. Routines and operators come first, because their identities
 * name the types and tables of their arguments.
 */
export function moveStatements(objects: readonly SchemaObject[], schema: string): string[] {
  const hasArguments = (object: SchemaObject): boolean =>
    isRoutine(object) || object.type === 'operator';
  return [
    ...objects.filter(hasArguments),
    ...objects.filter((object) => !hasArguments(object)),
  ].map((object) => `ALTER ${keywordOf(object)} ${object.identity} SET SCHEMA ${schema}`);
}

/** Returns the kind of an object for ALTER. ROUTINE stands for functions, procedures and aggregates. */
function keywordOf(object: SchemaObject): string {
  if (isRoutine(object)) return 'ROUTINE';
  return object.type === 'statistics object' ? 'STATISTICS' : object.type.toUpperCase();
}

/** Returns whether an object is a relation: its rows belong to a tenant or are shared. */
export const isRelation = ({ type }: SchemaObject): boolean =>
  /^(?:foreign )?table$|view$/.test(type);

/** Returns whether an object is a function, a procedure or an aggregate. */
export const isRoutine = ({ type }: SchemaObject): boolean =>
  /^(?:function|procedure|aggregate)$/.test(type);

/** Names an object for messages, for example `table public.user`. */
export const nameOf = ({ type, identity }: SchemaObject): string => `${type} ${identity}`;
