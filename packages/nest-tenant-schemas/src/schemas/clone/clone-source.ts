import type { QueryRunner } from 'typeorm';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { TenantNotFoundError } from '../../errors/tenant-not-found.error.js';
import { readNamespaceId } from '../lifecycle/drop-steps.js';
import { StaleSnapshotError } from '../catalog/schema-locks.js';
import { SHARED_TARGET, type SchemaTarget } from '../catalog/schema-target.js';

/**
 * Returns the target of a schema that is read from another tenant's context. It has its real name, because
 * the placeholder stands for the other schema.
 */
export function sourceTarget(schema: string): SchemaTarget {
  return { ...SHARED_TARGET, schema, sqlName: schema };
}

/**
 * Asserts that the source's schema exists.
 *
 * @throws TenantNotFoundError when the schema does not exist
 */
export async function assertSourceExists(queryRunner: QueryRunner, schema: string): Promise<void> {
  if ((await readNamespaceId(queryRunner, schema)) !== undefined) return;
  throw new TenantNotFoundError(`There is no schema "${schema}" to clone.`);
}

/**
 * Prevents changes of a schema's tables, TRUNCATE and drops until the transaction ends. Reads and writes
 * continue.
 *
 * TRUNCATE and a rewriting ALTER TABLE ignore snapshots: an older snapshot sees an empty table. If one
 * happened between the snapshot and these locks, the table has a new file.
 * https://www.postgresql.org/docs/current/mvcc-caveats.html
 *
 * @throws TenantNotFoundError when the schema does not exist
 * @throws StaleSnapshotError when the runner's snapshot is too old to read the tables
 */
export async function lockSource(queryRunner: QueryRunner, schema: string): Promise<void> {
  const [namespace] = (await queryRunner.query(
    `SELECT n.oid::text, ARRAY (SELECT c.relname::text FROM pg_catalog.pg_class AS c
                          WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p') ORDER BY c.relname) AS tables
     FROM pg_catalog.pg_namespace AS n WHERE n.nspname = $1`,
    [schema],
  )) as { oid: string; tables: string[] }[];
  if (!namespace) throw new TenantNotFoundError(`There is no schema "${schema}" to clone.`);
  const { oid, tables } = namespace;
  if (tables.length === 0) return;
  const names = tables.map((name) => `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`);
  await queryRunner.query(`LOCK TABLE ${names.join(', ')} IN ACCESS SHARE MODE`);
  // The function returns the current file, and the catalogue that of the snapshot.
  const [{ isStale }] = (await queryRunner.query(
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relnamespace = $1 AND c.relkind = 'r'
                    AND pg_relation_filenode(c.oid) IS DISTINCT FROM c.relfilenode) AS "isStale"`,
    [oid],
  )) as [{ isStale: boolean }];
  if (isStale) throw new StaleSnapshotError();
}
