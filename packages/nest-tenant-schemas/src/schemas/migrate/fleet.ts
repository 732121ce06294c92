import type { DataSource } from 'typeorm';
import { migrationsFingerprint } from '../../core/migrations-fingerprint.js';
import type { NamedMigration } from '../../core/migration-history.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import { readUnguarded } from '../roles/unguarded.js';
import type { TenantRoles } from '../roles/tenant-roles.js';
import { MIGRATIONS_TABLE, migrationsTableComment } from '../catalog/migrations-table-comment.js';
import { SHARED_TARGET } from '../catalog/schema-target.js';

/** Holds a tenant, and whether its schema has the whole history and its role. */
export interface FleetMember<T extends Tenant = Tenant> {
  readonly tenant: T;
  readonly isUpToDate: boolean;
}

/** Limits how many tenants one query of the catalogue looks up. */
const BATCH_SIZE = 1000;

/**
 * Yields for each tenant whether its schema is up to date, without visiting it. One query of the catalogue
 * reads the fingerprints of a thousand schemas. Memory does not grow with the number of tenants.
 *
 * @param roles the roles that tenants should have, if any
 */
export async function* inspectFleet<T extends Tenant>(
  dataSource: DataSource,
  tenants: AsyncIterable<T>,
  history: readonly NamedMigration[],
  roles?: TenantRoles,
): AsyncGenerator<FleetMember<T>> {
  const fingerprint = migrationsFingerprint(history.map(({ name }) => name));
  let batch: T[] = [];
  for await (const tenant of tenants) {
    batch.push(tenant);
    if (batch.length < BATCH_SIZE) continue;
    yield* inspect(dataSource, batch, fingerprint, roles);
    batch = [];
  }
  yield* inspect(dataSource, batch, fingerprint, roles);
}

async function* inspect<T extends Tenant>(
  dataSource: DataSource,
  tenants: readonly T[],
  fingerprint: string,
  roles: TenantRoles | undefined,
): AsyncGenerator<FleetMember<T>> {
  if (tenants.length === 0) return;
  const rows = (await SHARED_TARGET.enter(() =>
    dataSource.query(
      `SELECT n.nspname AS schema
       FROM pg_catalog.pg_namespace AS n
       JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = '${MIGRATIONS_TABLE}'
       WHERE n.nspname = ANY ($1) AND ${migrationsTableComment('n.oid')} = $2`,
      [tenants.map(({ schema }) => schema), fingerprint],
    ),
  )) as { schema: string }[];
  const upToDate = new Set(rows.map(({ schema }) => schema));
  const unguarded = roles && (await readUnguarded(dataSource, roles, [...upToDate]));
  for (const tenant of tenants) {
    const { schema } = tenant;
    yield { tenant, isUpToDate: upToDate.has(schema) && unguarded?.has(schema) !== true };
  }
}
