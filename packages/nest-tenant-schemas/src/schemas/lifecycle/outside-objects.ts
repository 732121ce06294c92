import type { QueryRunner } from 'typeorm';

/** Identifies an object of the catalogue. */
export interface CatalogueObject {
  /** The oid of the catalogue. */
  readonly classid: string;
  readonly objid: string;
}

/**
 * Tests whether the object of `d` belongs to a schema other than $1. A partition, or a sequence that a column
 * owns, may do so.
 */
const IS_ELSEWHERE = `EXISTS (
  SELECT FROM pg_catalog.pg_depend AS n
  WHERE n.classid = d.classid AND n.objid = d.objid AND n.objsubid = 0
    AND n.refclassid = 'pg_catalog.pg_namespace'::regclass AND n.refobjid <> (SELECT oid FROM schema))`;

/**
 * Lists what DROP with CASCADE of the objects $2, $3, or of the whole schema $1, would drop outside the
 * schema.
 *
 * `reached` contains what the server drops. These are all dependants of a dropped object, and the objects
 * that contain them, such as the view of a rule. `chain` leads from there to the containing objects, and
 * `own` has those that belong to the schema. An extension belongs to the schema that it is installed in, and
 * a cast to the schema of its types. If an object is listed as a whole, its parts are not.
 * https://www.postgresql.org/docs/current/catalog-pg-depend.html
 */
const OUTSIDE_OBJECTS = `
WITH RECURSIVE schema AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1),
reached (classid, objid, objsubid) AS (
  SELECT o.classid, o.objid, 0 FROM unnest($2::oid[], $3::oid[]) AS o (classid, objid)
  -- Objects that were dropped meanwhile have no dependencies.
  WHERE EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = o.classid AND d.objid = o.objid)
  UNION
  SELECT 'pg_catalog.pg_namespace'::regclass::oid, oid, 0 FROM schema WHERE $2::oid[] IS NULL
  UNION
  SELECT d.classid, d.objid, d.objsubid FROM reached AS r CROSS JOIN LATERAL (
    SELECT p.classid, p.objid, p.objsubid FROM pg_catalog.pg_depend AS p
    WHERE p.refclassid = r.classid AND p.refobjid = r.objid AND (r.objsubid = 0 OR p.refobjsubid = r.objsubid)
    UNION ALL
    SELECT w.refclassid, w.refobjid, w.refobjsubid FROM pg_catalog.pg_depend AS w
    WHERE r.objsubid = 0 AND w.classid = r.classid AND w.objid = r.objid AND w.objsubid = 0 AND w.deptype IN ('i', 'e')
  ) AS d
), chain (classid, objid, upclass, upobject) AS (
  SELECT classid, objid, classid, objid FROM reached
  UNION
  SELECT c.classid, c.objid, u.refclassid, u.refobjid FROM chain AS c CROSS JOIN LATERAL (
    SELECT d.refclassid, d.refobjid FROM pg_catalog.pg_depend AS d
    WHERE d.classid = c.upclass AND d.objid = c.upobject
      AND (d.deptype <> 'n' OR d.refclassid = 'pg_catalog.pg_namespace'::regclass
           OR d.refclassid = 'pg_catalog.pg_type'::regclass
              AND d.classid IN ('pg_catalog.pg_cast'::regclass, 'pg_catalog.pg_transform'::regclass))
      AND NOT ${IS_ELSEWHERE}
    -- Keeps the planner to the index: it takes the chain for longer than the whole catalogue.
    OFFSET 0
  ) AS u
), own AS (
  SELECT DISTINCT classid, objid FROM chain
  WHERE upclass = 'pg_catalog.pg_namespace'::regclass AND upobject = (SELECT oid FROM schema)
), outside AS (
  SELECT r.* FROM reached AS r
  WHERE NOT EXISTS (SELECT FROM own AS o WHERE o.classid = r.classid AND o.objid = r.objid)
)
SELECT i.type || ' ' || i.identity AS what
FROM outside AS x CROSS JOIN LATERAL pg_catalog.pg_identify_object(x.classid, x.objid, x.objsubid) AS i
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_depend AS d
  JOIN outside AS whole ON whole.classid = d.refclassid AND whole.objid = d.refobjid
    AND whole.objsubid IN (0, d.refobjsubid)
  WHERE d.classid = x.classid AND d.objid = x.objid AND d.objsubid = x.objsubid AND d.deptype <> 'n')
  AND NOT (x.objsubid <> 0 AND EXISTS (
    SELECT FROM outside AS whole WHERE whole.classid = x.classid AND whole.objid = x.objid AND whole.objsubid = 0))
ORDER BY what`;

/**
 * Lists objects of other schemas, or without a schema, that a drop with CASCADE would include, for example
 * `view reports.all_polls`.
 *
 * @param dropped objects of the schema. Default: the whole schema
 */
export async function readOutsideObjects(
  queryRunner: QueryRunner,
  schema: string,
  dropped?: readonly CatalogueObject[],
): Promise<readonly string[]> {
  const rows = (await queryRunner.query(OUTSIDE_OBJECTS, [
    schema,
    dropped?.map(({ classid }) => classid) ?? null,
    dropped?.map(({ objid }) => objid) ?? null,
  ])) as { what: string }[];
  return rows.map(({ what }) => what);
}
