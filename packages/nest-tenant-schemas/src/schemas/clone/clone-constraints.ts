import type { QueryRunner } from 'typeorm';
import { HOLDS_ROWS, NAMESPACE } from './clone-catalogue.js';

/** Describes a constraint that is dropped while rows are copied, and added again afterwards. */
export interface MovedConstraint {
  /** The table or the domain of the constraint. */
  readonly owner: string;
  readonly kind: 'TABLE' | 'DOMAIN';
  readonly name: string;
  /** The definition as the server writes it, with NOT VALID. */
  readonly definition: string;
  /**
   * Whether the table inherits the constraint from one that is not validated, and has validated it itself. It
   * is dropped and added with the parent's, and then validated again.
   */
  readonly isInherited: boolean;
}

/** Tests whether an expression uses a function or an operator that is not the server's own. */
const CALLS_FUNCTION = `EXISTS (
  SELECT FROM pg_catalog.pg_depend AS d
  WHERE d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = k.oid
    AND d.refclassid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass))`;

/**
 * Lists CHECK and NOT NULL constraints that rows may violate during the copy. These are the ones that are not
 * validated, and those that call a function. Such a function may read a table that is still empty.
 * Constraints that are not enforced (since 18) stay.
 *
 * A child table inherits a CHECK of the same name, and a NOT NULL of the same column. Its own constraint is
 * dropped after the parent's and added before it, so that the server merges both.
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

/**
 * Lists constraints of the schema's domains that are not validated, because values of columns may violate
 * them.
 */
const OF_DOMAINS = `
SELECT t.typname AS owner, 'DOMAIN' AS kind, k.conname AS name, pg_get_constraintdef(k.oid) AS definition,
       false AS "isInherited"
FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_type AS t ON t.oid = k.contypid
WHERE t.typnamespace = ${NAMESPACE} AND NOT k.convalidated
ORDER BY t.typname, k.conname`;

/** Reads the constraints that rows may violate during the copy, parents before children. */
export async function readMovedConstraints(
  queryRunner: QueryRunner,
  schema: string,
): Promise<readonly MovedConstraint[]> {
  const ofDomains = (await queryRunner.query(OF_DOMAINS, [schema])) as MovedConstraint[];
  const ofTables = (await queryRunner.query(OF_TABLES, [schema])) as MovedConstraint[];
  return [...ofDomains, ...ofTables];
}
