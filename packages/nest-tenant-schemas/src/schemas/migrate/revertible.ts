import type { DataSource } from 'typeorm';
import type { NamedMigration } from '../../core/migration-history.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import { inspectFleet } from './fleet.js';
import { readMigrationsTable } from '../catalog/migrations-table.js';
import { onRunner, tenantTarget } from '../catalog/schema-target.js';

/**
 * Returns the names of migrations that a revert affects. These are the newest one of any tenant, and those
 * before it.
 *
 * Tenants that an interrupted run has not reached therefore stay unchanged. A repeated revert continues where
 * it stopped.
 *
 * @param steps the number of migrations to revert
 */
export async function findRevertible(
  dataSource: DataSource,
  tenants: AsyncIterable<Tenant>,
  history: readonly NamedMigration[],
  steps: number,
): Promise<ReadonlySet<string>> {
  const names = history.map(({ name }) => name);
  let newest = -1;
  for await (const { tenant, isUpToDate } of inspectFleet(dataSource, tenants, history)) {
    const last = isUpToDate ? names.at(-1) : await readLast(dataSource, tenant);
    newest = Math.max(newest, names.indexOf(last ?? ''));
  }
  return new Set(names.slice(Math.max(0, newest + 1 - steps), newest + 1));
}

/** Returns the name of the migration that began last, if any. */
function readLast(dataSource: DataSource, tenant: Tenant): Promise<string | undefined> {
  const target = tenantTarget(tenant);
  return onRunner(dataSource, target, async (queryRunner) => {
    const rows = await readMigrationsTable(queryRunner, target);
    return rows.at(-1)?.name;
  });
}
