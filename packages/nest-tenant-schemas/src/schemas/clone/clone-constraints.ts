import type { QueryRunner } from 'typeorm';
import { HOLDS_ROWS, NAMESPACE } from './clone-catalogue.js';

/** A constraint that is dropped while rows are copied, and added again behind them. */
export interface MovedConstraint {
  /** What has it: a table, or a domain. */
  readonly owner: string;
  readonly kind: 'TABLE' | 'DOMAIN';
  readonly name: string;
  /** As the server writes it, with NOT VALID. */
  readonly definition: string;
  /**
   * Whether the table inherits the constraint from one that is not validated, and has validated it for itself: it goes
   * and comes with the parent's, and is validated again.
   */
  readonly isInherited: boolean;
}

/** A function or an operator that is not the server's own. */
const CALLS_FUNCTION = `EXISTS (
  SELECT FROM pg_catalog.pg_depend AS d
  WHERE d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = k.oid
    AND d.refclassid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass))`;

/**
 * CHECK and NOT NULL constraints that rows may break while they are copied: those that are not validated, and those
 * that call a function, which may read a table that is not filled yet. One that is not enforced (since 18) stays.
 *
 * A child table gets a CHECK of the same name, and a NOT NULL of the same column, with the parent's. One of its own is
 * dropped behind the parent's and added ahead of it: the server then merges both.
 * https://www.postgresql.org/docs/current/ddl-inherit.html
 */
const OF_TABLES = `
WITH RECURSIVE relation AS MATERIALIZED (
  SELECT c.oid, c.relname FROM pg_catalog.pg_class AS c WHERE ${HOLDS_ROWS}
), ancestor AS (
  SELECT i.inhrelid AS relation, i.inhparent AS ancestor
  FROM relation AS r JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = r.oid
  UNION
  SELECT a.relation, i.inhparent FROM ancestor AS a JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = a.ancestor
), own AS MATERIALIZED (
  SELECT k.*, r.relname, CASE k.contype WHEN 'n' THEN a.attname ELSE k.conname END AS key,
         (SELECT count(*) FROM ancestor AS p WHERE p.relation = r.oid) AS depth,
         coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
           AND (NOT k.convalidated OR k.contype = 'c' AND ${CALLS_FUNCTION}) AS "isBreakable"
  FROM pg_catalog.pg_constraint AS k JOIN relation AS r ON r.oid = k.conrelid
  LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
  WHERE k.contype IN ('c', 'n')
), moved AS MATERIALIZED (
  SELECT o.* FROM own AS o WHERE o."isBreakable" OR EXISTS (
    SELECT FROM own AS d JOIN ancestor AS a ON a.relation = d.conrelid AND a.ancestor = o.conrelid
    WHERE d."isBreakable" AND d.contype = o.contype AND d.key = o.key)
)
SELECT owner, 'TABLE' AS kind, name, definition, "isInherited" FROM (
  SELECT relname AS owner, conname AS name, pg_get_constraintdef(oid) AS definition, false AS "isInherited", depth
  FROM moved WHERE conislocal
  UNION
  SELECT d.relname, o.conname, '', true, d.depth
  FROM own AS d JOIN ancestor AS a ON a.relation = d.conrelid
  JOIN moved AS o ON o.conrelid = a.ancestor AND o.contype = d.contype AND o.key = d.key
  WHERE d.convalidated AND NOT d.conislocal AND o.conislocal AND NOT o.convalidated
) AS constraints ORDER BY depth, owner, name`;

/** Constraints of the schema's domains that are not validated: values of columns may break them. */
const OF_DOMAINS = `
SELECT t.typname AS owner, 'DOMAIN' AS kind, k.conname AS name, pg_get_constraintdef(k.oid) AS definition,
       false AS "isInherited"
FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_type AS t ON t.oid = k.contypid
WHERE t.typnamespace = ${NAMESPACE} AND NOT k.convalidated
ORDER BY t.typname, k.conname`;

/** Reads which constraints rows may break while they are copied, parents before their children. */
export async function readMovedConstraints(
  queryRunner: QueryRunner,
  schema: string,
): Promise<readonly MovedConstraint[]> {
  const ofDomains = (await queryRunner.query(OF_DOMAINS, [schema])) as MovedConstraint[];
  const ofTables = (await queryRunner.query(OF_TABLES, [schema])) as MovedConstraint[];
  return [...ofDomains, ...ofTables];
}
