import type { QueryRunner } from 'typeorm';
import { NAMESPACE } from './clone-catalogue.js';
import { SHARED_SCHEMA } from '../catalog/schema-target.js';

/** Describes a table or materialized view whose content is computed from another one. */
export interface ContentRead {
  readonly from: string;
  readonly to: string;
  /** Whether the source of the content is a materialized view. */
  readonly isOfView: boolean;
}

const CLASS = `'pg_catalog.pg_class'::regclass`;
const PROC = `'pg_catalog.pg_proc'::regclass`;

/** Tests whether a row `d` of pg_depend refers to an object that may lead to a relation. */
const REFERS = `d.refclassid IN (${CLASS}, ${PROC}, 'pg_catalog.pg_operator'::regclass, 'pg_catalog.pg_type'::regclass)`;

/**
 * Lists the relations of the schema $1 that are read when rows of another one are written. Readers are
 * queries of materialized views, and functions in generated columns, indexes, partition keys and domains. A
 * partition counts as its root table. CHECK constraints that call functions are excluded, because they are
 * added after all tables are filled.
 *
 * The server does not know what a function in a string reads. If its text can read at all, each word that
 * names a relation or a function counts.
 */
const READS = `
WITH RECURSIVE relation AS MATERIALIZED (
  SELECT c.oid, c.relname, c.relkind, coalesce(pg_partition_root(c.oid), c.oid) AS root
  FROM pg_catalog.pg_class AS c WHERE c.relnamespace = ${NAMESPACE} AND c.relkind IN ('r', 'p', 'm', 'v', 'f', 'c')
), function AS MATERIALIZED (
  SELECT p.oid, p.proname, lower(p.prosrc) AS text
  FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
  WHERE n.nspname IN ($1, '${SHARED_SCHEMA}')
), word AS MATERIALIZED (
  SELECT DISTINCT f.oid, w.word, f.text ~ '\\m(select|table|from|join|using|execute|perform)\\M' AS reads
  FROM function AS f, regexp_split_to_table(f.text, '[^[:alnum:]_$]+') AS w (word)
), edge AS MATERIALIZED (
  SELECT ${CLASS}::oid AS class, w.ev_class AS oid, d.refclassid AS "toClass", d.refobjid AS "toOid"
  FROM relation AS r JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = r.oid
  JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
  WHERE r.relkind IN ('v', 'm') AND ${REFERS}
  UNION
  SELECT ${CLASS}, r.oid, d.refclassid, d.refobjid
  FROM relation AS r JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attgenerated <> ''
  JOIN pg_catalog.pg_attrdef AS g ON g.adrelid = r.oid AND g.adnum = a.attnum
  JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = g.oid
  WHERE d.refclassid <> ${CLASS} AND ${REFERS}
  UNION
  SELECT ${CLASS}, r.oid, d.refclassid, d.refobjid
  FROM relation AS r JOIN pg_catalog.pg_index AS i ON i.indrelid = r.oid
  JOIN pg_catalog.pg_depend AS d ON d.classid = ${CLASS} AND d.objid = i.indexrelid
  WHERE d.refclassid <> ${CLASS} AND ${REFERS}
  UNION
  SELECT ${CLASS}, r.oid, d.refclassid, d.refobjid
  FROM relation AS r JOIN pg_catalog.pg_depend AS d ON d.classid = ${CLASS} AND d.objid = r.oid
  WHERE d.refclassid <> ${CLASS} AND ${REFERS}
  UNION
  SELECT d.classid, d.objid, d.refclassid, d.refobjid
  FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid
  WHERE t.typnamespace = ${NAMESPACE} AND ${REFERS}
    AND (d.refclassid <> ${CLASS} OR EXISTS (SELECT FROM relation AS r WHERE r.oid = d.refobjid AND r.relkind = 'c'))
  UNION
  SELECT 'pg_catalog.pg_type'::regclass, k.contypid, d.refclassid, d.refobjid
  FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_constraint AS k ON k.contypid = t.oid
  JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = k.oid
  WHERE t.typnamespace = ${NAMESPACE} AND ${REFERS}
  UNION
  SELECT d.classid, d.objid, d.refclassid, d.refobjid
  FROM function AS f JOIN pg_catalog.pg_depend AS d ON d.classid = ${PROC} AND d.objid = f.oid
  WHERE d.refclassid <> 'pg_catalog.pg_type'::regclass AND ${REFERS}
  UNION
  SELECT d.classid, d.objid, d.refclassid, d.refobjid
  FROM pg_catalog.pg_operator AS o JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
  JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_operator'::regclass AND d.objid = o.oid
  WHERE n.nspname IN ($1, '${SHARED_SCHEMA}') AND d.refclassid = ${PROC}
  UNION
  SELECT ${PROC}, w.oid, ${CLASS}, r.oid FROM word AS w JOIN relation AS r ON lower(r.relname) = w.word
  WHERE w.reads
  UNION
  SELECT ${PROC}, w.oid, ${PROC}, f.oid FROM word AS w JOIN function AS f ON lower(f.proname) = w.word
), reached AS (
  SELECT r.root AS start, ${CLASS}::oid AS class, r.oid, true AS goes_on FROM relation AS r WHERE r.relkind IN ('r', 'p', 'm')
  UNION
  SELECT reached.start, e."toClass", e."toOid", coalesce(r.relkind NOT IN ('r', 'p', 'm'), true)
  FROM reached JOIN edge AS e ON e.class = reached.class AND e.oid = reached.oid
  LEFT JOIN relation AS r ON e."toClass" = ${CLASS} AND r.oid = e."toOid"
  WHERE reached.goes_on
)
SELECT DISTINCT s.relname AS "from", t.relname AS "to", t.relkind = 'm' AS "isOfView"
FROM reached JOIN relation AS s ON s.oid = reached.start
JOIN relation AS r ON reached.class = ${CLASS} AND r.oid = reached.oid AND r.relkind IN ('r', 'p', 'm')
JOIN relation AS t ON t.oid = r.root
WHERE NOT reached.goes_on AND s.oid <> t.oid
ORDER BY "from", "to"`;

/** Reads the sources from which contents of a schema's tables and materialized views are computed. */
export async function readContentReads(
  queryRunner: QueryRunner,
  schema: string,
): Promise<readonly ContentRead[]> {
  return (await queryRunner.query(READS, [schema])) as ContentRead[];
}
