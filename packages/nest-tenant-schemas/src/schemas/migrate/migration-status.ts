import type { DataSource } from 'typeorm';
import { type NamedMigration, planMigrations } from '../../core/migration-history.js';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import type { TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import { inspectFleet } from './fleet.js';
import { appliedNames, readMigrationsTable } from '../catalog/migrations-table.js';
import { type SchemaSelection, selectsShared, selectTenants } from '../catalog/schema-selection.js';
import { SHARED_TARGET, type SchemaTarget, tenantTarget } from '../catalog/schema-target.js';

/** Reports the migrations of a schema, compared with the code's history. */
export interface MigrationStatus {
  /** The real name of the schema. */
  readonly schema: string;
  /** The number of applied migrations. */
  readonly applied: number;
  /** Names of pending migrations, in order: the schema is behind. */
  readonly pending: readonly string[];
  /** Names of applied migrations that the history does not have: the schema is ahead of this code. */
  readonly unknown: readonly string[];
}

/** Reads the status of one schema. */
export function readStatus(
  dataSource: DataSource,
  target: SchemaTarget,
  history: readonly NamedMigration[],
): Promise<MigrationStatus> {
  return target.enter(async () => {
    const queryRunner = dataSource.createQueryRunner('master');
    try {
      const applied = appliedNames(await readMigrationsTable(queryRunner, target));
      const { pending, unknown } = planMigrations(history, applied);
      const names = pending.map(({ name }) => name);
      return { schema: target.schema, applied: applied.length, pending: names, unknown };
    } finally {
      await queryRunner.release();
    }
  });
}

/**
 * Reads the status of the selected schemas. It does not visit a tenant's schema that is up to date. One query
 * of the catalogue finds all of them by their fingerprints.
 *
 * While the shared schema is behind, the registry may be unreadable. Then no tenant follows.
 *
 * @throws TenantNotFoundError when no tenant has a selected schema
 */
export async function* readStatusOfAll(
  dataSource: DataSource,
  registry: TenantRegistry,
  histories: {
    readonly shared: readonly NamedMigration[];
    readonly tenant: readonly NamedMigration[];
  },
  selection: SchemaSelection,
): AsyncGenerator<MigrationStatus> {
  const shared = await readStatus(dataSource, SHARED_TARGET, histories.shared);
  if (selectsShared(selection)) yield shared;
  const applied = histories.tenant.length;
  try {
    const tenants = selectTenants(registry, selection);
    for await (const member of inspectFleet(dataSource, tenants, histories.tenant)) {
      yield member.isUpToDate
        ? { schema: member.tenant.schema, applied, pending: [], unknown: [] }
        : await readStatus(dataSource, tenantTarget(member.tenant), histories.tenant);
    }
  } catch (error) {
    if (shared.pending.length === 0 || !isNotMigratedYet(error)) throw error;
  }
}

function isNotMigratedYet(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === POSTGRES_ERROR.undefinedTable || code === POSTGRES_ERROR.undefinedColumn;
}
