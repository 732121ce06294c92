import type { QueryRunner } from 'typeorm';
import { LEDGER_TABLE } from './migration-ledger.js';
import { TYPEORM_METADATA } from './typeorm-metadata.js';

/** A column that is copied; generated ones are not. */
export interface CopiedColumn {
  readonly name: string;
  /** Its type, when that is one of the schema's own and so another one than in the source. */
  readonly ownType: string | null;
}

export interface CopiedTable {
  readonly name: string;
  readonly isPartitioned: boolean;
  readonly hasIdentity: boolean;
  readonly columns: readonly CopiedColumn[];
}

/** A constraint that may have to step aside while rows are copied. */
export interface MovableConstraint {
  /** The table that has it. */
  readonly table: string;
  readonly name: string;
  readonly definition: string;
  readonly isValid: boolean;
  /** The tables that are filled: of partitions their root. `to` is null for a check. */
  readonly from: string;
  readonly to: string | null;
}

/** A trigger or rule that acts on inserted rows. */
export interface InsertHook {
  readonly table: string;
  readonly kind: 'TRIGGER' | 'RULE';
  readonly name: string;
  /** How it is enabled: `O`, `A` or `R`, or `D` where only that of the partitioned table is. */
  readonly enabled: string;
}

const NAMESPACE = '(SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1)';

/** Of each relation `c` of the schema $1 that holds rows, without what migrations wrote about the schema itself. */
const HOLDS_ROWS = `c.relnamespace = ${NAMESPACE} AND c.relkind IN ('r', 'p')
  AND c.relname NOT IN ('${LEDGER_TABLE}', '${TYPEORM_METADATA}')`;

const TABLES = `
  SELECT c.relname AS name, c.relkind = 'p' AS "isPartitioned", coalesce(bool_or(a.attidentity <> ''), false) AS "hasIdentity",
         coalesce(json_agg(json_build_object('name', a.attname, 'ownType',
           CASE WHEN t.typnamespace = c.relnamespace THEN format_type(a.atttypid, a.atttypmod) END) ORDER BY a.attnum)
           FILTER (WHERE a.attnum IS NOT NULL), '[]') AS columns
  FROM pg_catalog.pg_class AS c
  LEFT JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  LEFT JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
  WHERE ${HOLDS_ROWS} AND NOT c.relispartition
  GROUP BY c.oid, c.relname, c.relkind, c.relnamespace ORDER BY c.relname`;

const CONSTRAINTS = `
  SELECT c.relname AS "table", k.conname AS name, pg_get_constraintdef(k.oid) AS definition, k.convalidated AS "isValid",
         coalesce((SELECT relname FROM pg_catalog.pg_class WHERE oid = pg_partition_root(k.conrelid)), c.relname) AS "from",
         (SELECT relname FROM pg_catalog.pg_class
          WHERE oid = coalesce(pg_partition_root(k.confrelid), k.confrelid) AND relnamespace = ${NAMESPACE}) AS "to"
  FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
  WHERE ${HOLDS_ROWS} AND k.conparentid = 0 AND (k.contype = 'f' OR k.contype = 'c' AND NOT k.convalidated)
  ORDER BY c.relname, k.conname`;

/** Of partitioned tables before their partitions: what is done to a trigger there is done to theirs as well. */
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
      AND d.refclassid = 'pg_catalog.pg_class'::regclass AND o.relname = '${LEDGER_TABLE}')
  ORDER BY c.relname`;

/** In the order in which the migrations made them: one may be made of another. */
const FILLED_VIEWS = `
  SELECT c.relname AS name FROM pg_catalog.pg_class AS c
  WHERE c.relnamespace = ${NAMESPACE} AND c.relkind = 'm' AND c.relispopulated ORDER BY c.oid`;

/** What a copy of rows has to know of a schema. */
export interface CopyCatalogue {
  readonly tables: readonly CopiedTable[];
  readonly constraints: readonly MovableConstraint[];
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
    constraints: (await read(CONSTRAINTS)) as MovableConstraint[],
    hooks: (await read(HOOKS)) as InsertHook[],
    sequences: namesOf(await read(SEQUENCES)),
  };
}

/** Names of the materialized views that hold rows, in the order in which they can be refreshed. */
export async function readFilledViews(queryRunner: QueryRunner, schema: string): Promise<string[]> {
  return namesOf(await queryRunner.query(FILLED_VIEWS, [schema]));
}

function namesOf(rows: unknown): string[] {
  return (rows as { name: string }[]).map(({ name }) => name);
}
