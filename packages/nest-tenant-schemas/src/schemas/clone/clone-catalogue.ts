import type { QueryRunner } from 'typeorm';
import { MIGRATIONS_TABLE } from '../catalog/migrations-table-comment.js';
import { TYPEORM_METADATA } from '../catalog/typeorm-metadata.js';

/** Describes a column that is copied. Generated columns are not. */
export interface CopiedColumn {
  readonly name: string;
  /** The column's type, if it belongs to the schema and so differs from the source's. */
  readonly ownType: string | null;
  /** The type through which values are converted to that type. */
  readonly via: string;
}

export interface CopiedTable {
  readonly name: string;
  readonly isPartitioned: boolean;
  readonly hasIdentity: boolean;
  readonly columns: readonly CopiedColumn[];
}

/** Describes a trigger or a rule that acts on inserted rows. */
export interface InsertHook {
  readonly table: string;
  readonly kind: 'TRIGGER' | 'RULE';
  readonly name: string;
  /** The state: `O`, `A` or `R`, or `D` if only the one of the partitioned table is enabled. */
  readonly enabled: string;
}

export const NAMESPACE = '(SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1)';

/**
 * Tests whether a relation `c` of the schema $1 holds rows. Tables in which migrations describe the schema
 * itself are excluded.
 */
export const HOLDS_ROWS = `c.relnamespace = ${NAMESPACE} AND c.relkind IN ('r', 'p')
  AND c.relname NOT IN ('${MIGRATIONS_TABLE}', '${TYPEORM_METADATA}')`;

/**
 * Returns the base type of a domain, without its length. For other types it is text, to which both types
 * convert. Text would remove the blanks of a `bpchar`.
 */
const VIA = `(
  WITH RECURSIVE base AS (
    SELECT t.oid, t.typtype, t.typnamespace, t.typbasetype
    UNION ALL SELECT b.oid, b.typtype, b.typnamespace, b.typbasetype
    FROM base JOIN pg_catalog.pg_type AS b ON b.oid = base.typbasetype WHERE base.typtype = 'd')
  SELECT CASE WHEN typnamespace = c.relnamespace THEN 'text' ELSE format_type(oid, -1) END
  FROM base WHERE typtype <> 'd')`;

const TABLES = `
  SELECT c.relname AS name, c.relkind = 'p' AS "isPartitioned", coalesce(bool_or(a.attidentity <> ''), false) AS "hasIdentity",
         coalesce(json_agg(json_build_object('name', a.attname, 'via', ${VIA}, 'ownType',
           CASE WHEN t.typnamespace = c.relnamespace THEN format_type(a.atttypid, a.atttypmod) END) ORDER BY a.attnum)
           FILTER (WHERE a.attnum IS NOT NULL), '[]') AS columns
  FROM pg_catalog.pg_class AS c
  LEFT JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  LEFT JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
  WHERE ${HOLDS_ROWS} AND NOT c.relispartition
  GROUP BY c.oid, c.relname, c.relkind, c.relnamespace ORDER BY c.relname`;

/**
 * Lists hooks of partitioned tables before those of their partitions. A change of a parent's trigger also
 * changes those of its partitions.
 */
const HOOKS = `
  SELECT "table", kind, name, enabled FROM (
    SELECT c.relname AS "table", 'TRIGGER' AS kind, t.tgname AS name, t.tgenabled AS enabled,
           (SELECT count(*) FROM pg_partition_ancestors(c.oid)) AS depth
    FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
    WHERE ${HOLDS_ROWS} AND NOT t.tgisinternal AND (t.tgenabled <> 'D' OR t.tgparentid <> 0)
    UNION ALL
    SELECT c.relname, 'RULE', w.rulename, w.ev_enabled, 0
    FROM pg_catalog.pg_rewrite AS w JOIN pg_catalog.pg_class AS c ON c.oid = w.ev_class
    WHERE ${HOLDS_ROWS} AND w.ev_enabled <> 'D'
  ) AS hook ORDER BY depth, "table", kind, name`;

const SEQUENCES = `
  SELECT c.relname AS name FROM pg_catalog.pg_class AS c
  WHERE c.relnamespace = ${NAMESPACE} AND c.relkind = 'S' AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_class AS o ON o.oid = d.refobjid
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
      AND d.refclassid = 'pg_catalog.pg_class'::regclass AND o.relname = '${MIGRATIONS_TABLE}')
  ORDER BY c.relname`;

const FILLED_VIEWS = `
  SELECT c.relname AS name FROM pg_catalog.pg_class AS c
  WHERE c.relnamespace = ${NAMESPACE} AND c.relkind = 'm' AND c.relispopulated ORDER BY c.relname`;

/** Holds what a copy of rows needs to know about a schema. */
export interface CopyCatalogue {
  readonly tables: readonly CopiedTable[];
  readonly hooks: readonly InsertHook[];
  readonly sequences: readonly string[];
}

export async function readCopyCatalogue(
  queryRunner: QueryRunner,
  schema: string,
): Promise<CopyCatalogue> {
  const read = (text: string): Promise<unknown> => queryRunner.query(text, [schema]);
  return {
    tables: (await read(TABLES)) as CopiedTable[],
    hooks: (await read(HOOKS)) as InsertHook[],
    sequences: namesOf(await read(SEQUENCES)),
  };
}

/** Reads the names of materialized views that hold rows. */
export async function readFilledViews(queryRunner: QueryRunner, schema: string): Promise<string[]> {
  return namesOf(await queryRunner.query(FILLED_VIEWS, [schema]));
}

function namesOf(rows: unknown): string[] {
  return (rows as { name: string }[]).map(({ name }) => name);
}
