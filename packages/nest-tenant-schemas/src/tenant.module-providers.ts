import type { FactoryProvider, InjectionToken } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { type NamedMigration, readHistory } from './core/migration-history.js';
import { ENGINE_DATA_SOURCE, RESOLVED_OPTIONS } from './tenant.module-definition.js';
import type { ResolvedTenantModuleOptions } from './tenant.module-defaults.js';

/**
 * Returns a provider that creates its value from the module's options and the protected DataSource.
 *
 * @param others tokens whose values follow these two
 */
export function fromOptions<Others extends unknown[]>(
  provide: InjectionToken,
  create: (
    options: ResolvedTenantModuleOptions,
    dataSource: DataSource,
    ...others: Others
  ) => unknown,
  others: InjectionToken[] = [],
): FactoryProvider {
  return {
    provide,
    useFactory: create,
    inject: [RESOLVED_OPTIONS, ENGINE_DATA_SOURCE, ...others],
  };
}

/** Reads both histories from the module's options. */
export function historiesOf({ sharedMigrations, tenantMigrations }: ResolvedTenantModuleOptions): {
  readonly shared: readonly NamedMigration[];
  readonly tenant: readonly NamedMigration[];
} {
  return {
    shared: readHistory(sharedMigrations ?? [], 'TenantModule: sharedMigrations'),
    tenant: readHistory(tenantMigrations, 'TenantModule: tenantMigrations'),
  };
}
