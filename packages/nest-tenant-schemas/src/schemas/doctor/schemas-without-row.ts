import { allTenants } from '../../context/all-tenants.js';
import type { DataSource } from 'typeorm';
import { migrationsFingerprint } from '../../core/migrations-fingerprint.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import type { TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import { CREATE_MARKER, hasBuilderEnded, isCreateMarker } from '../lifecycle/create-marker.js';
import { DROP_MARKER } from '../lifecycle/drop-steps.js';
import { MIGRATIONS_TABLE, migrationsTableComment } from '../catalog/migrations-table-comment.js';
import { SHARED_SCHEMA, SHARED_TARGET } from '../catalog/schema-target.js';
import { existing } from './catalogue.js';
import { type Finding, finding } from './finding.js';

/** Limits the schemas in memory. The registry is read once for so many. */
const PAGE_SIZE = 10_000;

/** Is the common beginning of all fingerprints. */
const [COMMENT_PREFIX = ''] = migrationsFingerprint([]).split(' 0 ');

/**
 * Lists schemas after $1 with a migrations table, or with a comment of an earlier version: a fingerprint ($2
 * …) or a marker.
 */
const OURS = `
  SELECT n.nspname AS schema, state.comment
  FROM pg_catalog.pg_namespace AS n, LATERAL (SELECT ${migrationsTableComment('n.oid')} AS comment) AS state
  WHERE n.nspname > $1 AND n.nspname <> '${SHARED_SCHEMA}' AND (
    EXISTS (SELECT FROM pg_catalog.pg_class AS c
            WHERE c.relnamespace = n.oid AND c.relname = '${MIGRATIONS_TABLE}')
    OR starts_with(state.comment, $2) OR starts_with(state.comment, '${CREATE_MARKER}') OR state.comment = '${DROP_MARKER}')
  ORDER BY n.nspname LIMIT ${PAGE_SIZE}`;

/** Yields schemas that the engine created and that no tenant has. */
export async function* findSchemasWithoutRow(
  dataSource: DataSource,
  registry: TenantRegistry,
): AsyncGenerator<Finding> {
  let last = '';
  for (;;) {
    const after = last;
    const rows = (await SHARED_TARGET.enter(() =>
      dataSource.query(OURS, [after, COMMENT_PREFIX]),
    )) as { schema: string; comment: string | null }[];
    if (rows.length === 0) return;
    // It reads schemas before rows, so that it sees both of a tenant that is created meanwhile.
    const left = new Map(rows.map(({ schema, comment }) => [schema, comment]));
    for await (const { schema } of allTenants(registry)) left.delete(schema);
    // Schemas that were dropped or renamed meanwhile do not count.
    const there = left.size > 0 ? await existing(dataSource, [...left.keys()]) : left;
    for (const [schema, comment] of left) {
      if (!there.has(schema)) continue;
      if (!isCreateMarker(comment)) {
        yield comment === DROP_MARKER ? dropBrokenOff(schema) : withoutRow(schema);
      } else if (await hasBuilderEnded(dataSource, schema, comment)) yield createBrokenOff(schema);
    }
    last = rows.at(-1)?.schema ?? '';
    if (rows.length < PAGE_SIZE) return;
  }
}

function withoutRow(schema: string): Finding {
  return finding(
    'SCHEMA_WITHOUT_ROW',
    schema,
    'The schema was created for a tenant, but no tenant has it.',
    'Restore the row of the tenant. If nothing in the schema is needed, drop it and its dependants in other schemas: ' +
      `DROP SCHEMA ${quoteIdentifier(schema)} CASCADE`,
  );
}

function createBrokenOff(schema: string): Finding {
  return finding(
    'CREATE_BROKEN_OFF',
    schema,
    'Its creation was interrupted: the process has ended, and no tenant has the schema.',
    'tenant-schemas doctor --fix',
  );
}

function dropBrokenOff(schema: string): Finding {
  return finding(
    'DROP_BROKEN_OFF',
    schema,
    'The tenant was deleted, but its schema still exists: its drop is running or was interrupted.',
    'tenant-schemas doctor --fix',
  );
}
