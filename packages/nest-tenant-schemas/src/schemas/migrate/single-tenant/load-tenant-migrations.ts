import type { DataSource } from 'typeorm';
import { TenancyOptionsError } from '../../../errors/tenancy-options.error.js';
import type { MigrationClass } from '../../../interfaces/tenant-migration.interface.js';
import type { SingleTenantMigrations } from './single-tenant-migrations.js';

/** Lists the migrations of tenants: migrations of the engine, and those of a single-tenant application. */
export type TenantMigrations =
  SingleTenantMigrations | readonly (MigrationClass | SingleTenantMigrations)[];

/**
 * Returns the classes of an option `tenantMigrations`, in the order of the list.
 *
 * @param dataSource its option `migrations` is the default of `singleTenantMigrations()`
 * @param shared the migrations of the shared schema
 * @throws TenancyOptionsError for a migration that is in both histories, and for the reasons of `SingleTenantMigrations.load`
 */
export async function loadTenantMigrations(
  option: TenantMigrations,
  { options }: Pick<DataSource, 'options'>,
  shared: readonly MigrationClass[] = [],
): Promise<readonly MigrationClass[]> {
  assertClasses('sharedMigrations', shared, 'List singleTenantMigrations(…) in tenantMigrations.');
  const entries = isSingleTenant(option) ? [option] : option;
  const loaded = await Promise.all(
    entries.map(async (entry) => (isSingleTenant(entry) ? entry.load(options) : [entry])),
  );
  const classes = loaded.flat();
  assertClasses('tenantMigrations', classes, 'Load files with singleTenantMigrations({ glob }).');
  const names = new Set(classes.map(nameOf));
  const both = shared.map(nameOf).find((name) => names.has(name));
  if (both === undefined) return classes;
  throw new TenancyOptionsError(
    'TenantModule: sharedMigrations',
    `must not repeat a migration of tenants (${both}): it would also run in the schema public. Remove it from one list.`,
  );
}

function isSingleTenant(value: unknown): value is SingleTenantMigrations {
  return typeof (value as Partial<SingleTenantMigrations> | undefined)?.load === 'function';
}

/** @throws TenancyOptionsError for a value that is not a list of classes */
function assertClasses(option: string, classes: unknown, advice: string): void {
  if (Array.isArray(classes) && classes.every((entry) => typeof entry === 'function')) return;
  throw new TenancyOptionsError(
    `TenantModule: ${option}`,
    `must be a list of migration classes. ${advice}`,
  );
}

const nameOf = (Migration: MigrationClass): string => new Migration().name ?? Migration.name;
