import type { DataSource } from 'typeorm';
import type { NamedMigration } from '../../core/migration-history.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import { inspectFleet } from './fleet.js';
import { readMigrationsTable } from '../catalog/migrations-table.js';
import { onRunner, tenantTarget } from '../catalog/schema-target.js';

/**
 * The migrations that a revert of some tenants is about: the newest that any of them has, and those before it. So the
 * tenants that a run which broke off halfway has not reached stay as they are, and a revert that broke off goes on
 * where it is started again.
 *
 * @param steps how many
 * @returns their names
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

/** The migration that was begun last, if any. */
function readLast(dataSource: DataSource, tenant: Tenant): Promise<string | undefined> {
  const target = tenantTarget(tenant);
  return onRunner(dataSource, target, async (queryRunner) => {
    const rows = await readMigrationsTable(queryRunner, target);
    return rows.at(-1)?.name;
  });
}
