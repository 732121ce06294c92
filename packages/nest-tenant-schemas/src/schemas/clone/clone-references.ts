import type { QueryRunner } from 'typeorm';
import { HOLDS_ROWS, NAMESPACE } from './clone-catalogue.js';
import type { MovedConstraint } from './clone-constraints.js';

/** Describes a foreign key of the schema. */
export interface CopiedReference {
  readonly table: string;
  readonly name: string;
  readonly isValid: boolean;
  /** The tables that are filled; of a partition its root. `to` is null outside the schema. */
  readonly from: string;
  readonly to: string | null;
  /**
   * The constraints to add. Differing ones of partitions come first, so that the server attaches them to the
   * parent's.
   */
  readonly added: readonly Pick<MovedConstraint, 'owner' | 'name' | 'definition'>[];
}

/** Lists foreign keys. A key that is not enforced (since 18) stays, and does not affect the order. */
const REFERENCES = `
WITH RECURSIVE reference AS MATERIALIZED (
  SELECT k.*, c.relname FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
  WHERE ${HOLDS_ROWS} AND k.contype = 'f' AND coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
), part AS (
  SELECT oid AS root, oid, conrelid, relname, conname, convalidated, 0 AS depth FROM reference WHERE conparentid = 0
  UNION ALL
  SELECT p.root, r.oid, r.conrelid, r.relname, r.conname, r.convalidated, p.depth + 1
  -- Of one that refers to a partitioned table there is another one for each partition of that.
  FROM part AS p JOIN reference AS r ON r.conparentid = p.oid AND r.conrelid <> p.conrelid
)
SELECT k.relname AS table, k.conname AS name, k.convalidated AS "isValid",
       coalesce((SELECT relname FROM pg_catalog.pg_class WHERE oid = pg_partition_root(k.conrelid)), k.relname) AS "from",
       (SELECT relname FROM pg_catalog.pg_class
        WHERE oid = coalesce(pg_partition_root(k.confrelid), k.confrelid) AND relnamespace = ${NAMESPACE}) AS "to",
       (SELECT json_agg(json_build_object('owner', p.relname, 'name', p.conname, 'definition', pg_get_constraintdef(p.oid))
                        ORDER BY p.depth DESC, p.relname)
        FROM part AS p WHERE p.root = k.oid AND (p.depth = 0 OR EXISTS (
          SELECT FROM part AS d WHERE d.root = k.oid
            AND (d.conname <> k.conname OR d.convalidated <> k.convalidated)))) AS added
FROM reference AS k WHERE k.conparentid = 0
ORDER BY k.relname, k.conname`;

/** Reads the foreign keys of a schema's tables. */
export async function readReferences(
  queryRunner: QueryRunner,
  schema: string,
): Promise<readonly CopiedReference[]> {
  return (await queryRunner.query(REFERENCES, [schema])) as CopiedReference[];
}
