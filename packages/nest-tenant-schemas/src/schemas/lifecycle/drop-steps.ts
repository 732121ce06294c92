import type { QueryRunner } from 'typeorm';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { joinStatements } from '../../core/sql/statement-batch.js';
import { TenantNotFoundError } from '../../errors/tenant-not-found.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import {
  commentStatement,
  MIGRATIONS_TABLE,
  migrationsTableComment,
} from '../catalog/migrations-table-comment.js';
import { createMigrationsTableStatement } from '../catalog/migrations-table.js';
import type { CatalogueObject } from './outside-objects.js';

/** Describes one statement of a drop in steps, and the object that it drops. */
export interface DropStep extends CatalogueObject {
  readonly statement: string;
  /** The approximate number of locks: one for each dropped object, and for the objects that contain it. */
  readonly locks: number;
}

const SCHEMA = quoteIdentifier(TENANT_SCHEMA);

/** Counts the locks of a foreign key: both tables, the constraint, its four triggers, and their indexes. */
const LOCKS_OF_FOREIGN_KEY = 8;

const notOfExtension = (catalogue: string, oid: string): string =>
  `NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
               WHERE d.classid = 'pg_catalog.${catalogue}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`;

/**
 * Lists the steps in an order in which no step drops the objects of others. The newest object comes first,
 * and views come before tables. Foreign keys come in between, because dropping one end of a key locks the
 * other. The migrations table, which has the drop marker, is dropped with the schema.
 */
const STEPS = `
WITH schema AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1)
SELECT statement, locks::int, classid::oid::text, oid::text AS objid FROM (
  SELECT CASE WHEN c.relkind IN ('v', 'm') THEN 1 WHEN c.relkind = 'S' THEN 4 ELSE 3 END AS phase, 'pg_catalog.pg_class'::regclass AS classid, c.oid,
         format('DROP %s IF EXISTS ${SCHEMA}.%I CASCADE',
           CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
             WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, c.relname) AS statement,
         -- Itself, its row type and the array of it, its TOAST table and the index of that.
         3 + 2 * (c.reltoastrelid <> 0)::int
           + (SELECT count(*) FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid)
           + (SELECT count(*) FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = c.oid)
           + (SELECT count(*) FROM pg_catalog.pg_attrdef AS a WHERE a.adrelid = c.oid)
           + (SELECT count(*) FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = c.oid)
           + (SELECT count(*) FROM pg_catalog.pg_policy AS p WHERE p.polrelid = c.oid)
           + (SELECT count(*) FROM pg_catalog.pg_rewrite AS w WHERE w.ev_class = c.oid)
           + (SELECT count(*) FROM pg_catalog.pg_depend AS d
              WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid
                AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')) AS locks
  FROM pg_catalog.pg_class AS c
  WHERE c.relnamespace = (SELECT oid FROM schema) AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
    AND c.relname <> '${MIGRATIONS_TABLE}'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                    WHERE c.relkind = 'S' AND d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                      AND d.deptype IN ('a', 'i') AND d.refobjsubid <> 0)
    AND ${notOfExtension('pg_class', 'c.oid')}
  UNION ALL
  SELECT 2, 'pg_catalog.pg_constraint'::regclass, k.oid, format('ALTER TABLE IF EXISTS ${SCHEMA}.%I DROP CONSTRAINT IF EXISTS %I CASCADE', c.relname, k.conname),
         ${LOCKS_OF_FOREIGN_KEY}
  FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
  WHERE k.connamespace = (SELECT oid FROM schema) AND k.contype = 'f' AND k.conparentid = 0
  UNION ALL
  SELECT 5, 'pg_catalog.pg_proc'::regclass, p.oid, format('DROP ROUTINE IF EXISTS ${SCHEMA}.%I(%s) CASCADE', p.proname, pg_get_function_identity_arguments(p.oid)), 1
  FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = (SELECT oid FROM schema) AND ${notOfExtension('pg_proc', 'p.oid')}
  UNION ALL
  SELECT 6, 'pg_catalog.pg_type'::regclass, t.oid, format('DROP TYPE IF EXISTS ${SCHEMA}.%I CASCADE', t.typname), 4
  FROM pg_catalog.pg_type AS t
  WHERE t.typnamespace = (SELECT oid FROM schema) AND ${notOfExtension('pg_type', 't.oid')}
    AND (t.typtype IN ('d', 'e', 'r')
         OR EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
) AS step ORDER BY phase, oid DESC`;

/**
 * Marks a schema that is being dropped in steps. It is the comment of the migrations table. The schema no
 * longer has a row.
 */
export const DROP_MARKER = 'tenant-schemas drop';

/** Marks the current tenant's schema. Creates the migrations table if the schema has lost it. */
export const DROP_MARKER_STATEMENT = joinStatements([
  createMigrationsTableStatement({ sqlName: TENANT_SCHEMA }),
  commentStatement({ sqlName: TENANT_SCHEMA }, DROP_MARKER),
]);

/** Returns the oid of a schema, which identifies it as long as it exists, or undefined for a missing schema. */
export async function readNamespaceId(
  queryRunner: QueryRunner,
  schema: string,
): Promise<string | undefined> {
  const [found] = (await queryRunner.query(
    'SELECT oid::text FROM pg_catalog.pg_namespace WHERE nspname = $1',
    [schema],
  )) as { oid: string }[];
  return found?.oid;
}

/**
 * Returns SQL that reads a {@link DropMarker}, or no row for a missing schema. A valid schema name needs no
 * escapes.
 */
export const readDropMarkerStatement = (schema: string): string =>
  `SELECT coalesce(${migrationsTableComment('n.oid')} = '${DROP_MARKER}', false) AS "isMarked"
   FROM pg_catalog.pg_namespace AS n WHERE n.nspname = '${schema}'`;

export interface DropMarker {
  /** Whether the schema is being dropped in steps, and so belongs to no tenant. */
  readonly isMarked: boolean;
}

export async function readDropMarker(
  queryRunner: QueryRunner,
  { schema }: Pick<Tenant, 'schema'>,
): Promise<DropMarker | undefined> {
  const [marker] = (await queryRunner.query(readDropMarkerStatement(schema))) as DropMarker[];
  return marker;
}

/**
 * Asserts that a schema exists and is not being dropped. Call it under the schema's lock, before any change.
 * Writing the comment of the migrations table would otherwise remove the marker that lets the drop continue.
 *
 * @throws TenantNotFoundError when the schema does not exist, or is being dropped in steps
 */
export function assertSchemaExists(
  { schema }: Pick<Tenant, 'schema'>,
  marker: DropMarker | undefined,
): void {
  if (marker?.isMarked === false) return;
  const state = marker ? 'is being dropped and has no tenant.' : 'does not exist.';
  throw new TenantNotFoundError(`Schema "${schema}" ${state}`);
}

export async function readDropSteps(
  queryRunner: QueryRunner,
  schema: string,
): Promise<readonly DropStep[]> {
  return (await queryRunner.query(STEPS, [schema])) as DropStep[];
}

/** Returns the approximate number of locks that the server has for all sessions together. */
export async function readLockCapacity(queryRunner: QueryRunner): Promise<number> {
  const [{ capacity }] = (await queryRunner.query(
    `SELECT current_setting('max_locks_per_transaction')::int
       * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int) AS capacity`,
  )) as [{ capacity: number }];
  return capacity;
}

export function locksOf(steps: readonly DropStep[]): number {
  return steps.reduce((sum, { locks }) => sum + locks, 0);
}

/**
 * Groups consecutive steps so that each batch takes at most `maxLocks` locks. A step that takes more is a
 * batch of its own.
 */
export function batchesOf(steps: readonly DropStep[], maxLocks: number): DropStep[][] {
  const batches: DropStep[][] = [];
  let left = 0;
  for (const step of steps) {
    const batch = batches.at(-1);
    if (batch && step.locks <= left) batch.push(step);
    else {
      batches.push([step]);
      left = maxLocks;
    }
    left -= step.locks;
  }
  return batches;
}
