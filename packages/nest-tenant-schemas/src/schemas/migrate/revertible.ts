import type { DataSource } from 'typeorm';
import type { NamedMigration } from '../../core/migration-history.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import { inspectFleet } from './fleet.js';
import { readMigrationsTable } from '../catalog/migrations-table.js';
import { onRunner, tenantTarget } from '../catalog/schema-target.js';

/**
 * Returns the names of migrations that a revert affects: the last ones of the tenant that has come furthest, in the order in
 * which its migrations were applied. After a merge of branches, this order may differ from that of the timestamps.
 *
 * Tenants that an interrupted run has not reached therefore stay unchanged. A repeated revert continues where
 * it stopped.
 *
 * @param steps the number of migrations to revert, from 1
 */
export async function findRevertible(
  dataSource: DataSource,
  tenants: AsyncIterable<Tenant>,
  history: readonly NamedMigration[],
  steps: number,
): Promise<ReadonlySet<string>> {
  const names = history.map(({ name }) => name);
  let furthest: readonly number[] = [];
  for await (const { tenant, isUpToDate } of inspectFleet(dataSource, tenants, history)) {
    // Fingerprints depend on the order, so an up-to-date tenant has that of the history.
    const applied = isUpToDate ? names : await readNames(dataSource, tenant);
    const places = applied.map((name) => names.indexOf(name)).filter((place) => place !== -1);
    if (isFurther(places, furthest)) furthest = places;
  }
  return new Set(furthest.slice(-steps).flatMap((place) => names[place] ?? []));
}

/** Compares the applied migrations of two tenants, as places in the history. */
function isFurther(one: readonly number[], other: readonly number[]): boolean {
  if (one.length !== other.length) return one.length > other.length;
  // A new tenant got all migrations in the order of the history, which is not the order of their releases.
  if (isSorted(one) !== isSorted(other)) return !isSorted(one);
  return (one.at(-1) ?? -1) > (other.at(-1) ?? -1);
}

function isSorted(places: readonly number[]): boolean {
  return places.every((place, at) => at === 0 || place > (places[at - 1] ?? 0));
}

/** Returns the names of migrations in the order in which they began. */
function readNames(dataSource: DataSource, tenant: Tenant): Promise<string[]> {
  const target = tenantTarget(tenant);
  return onRunner(dataSource, target, async (queryRunner) => {
    const rows = await readMigrationsTable(queryRunner, target);
    return rows.map(({ name }) => name);
  });
}
