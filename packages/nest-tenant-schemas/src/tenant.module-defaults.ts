import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { requireRegistryMethods } from './core/require-registry-methods.js';
import { type DeprecatedTenantModuleOptions, renamedOptions } from './deprecated.js';
import { TenancyOptionsError } from './errors/tenancy-options.error.js';
import { TenantSuspendedError } from './errors/request/tenant-suspended.error.js';
import type { ChangeListenerOptions } from './interfaces/change-listener-options.interface.js';
import type { TenantRegistryOption } from './interfaces/tenant-registry-option.interface.js';
import type { TenantRegistry } from './interfaces/tenant-registry.interface.js';
import type { MigrationClass } from './interfaces/tenant-migration.interface.js';
import type { Tenant } from './interfaces/tenant.interface.js';
import { CreateTenantsTable1400000000000 } from './registry/stores/create-tenants-table.migration.js';
import { EntityRegistry } from './registry/stores/entity-registry.js';
import { FixedTenants } from './registry/stores/fixed-tenants.js';
import {
  type TableTenant,
  TENANTS_CHANNEL,
  TenantsTable,
} from './registry/stores/tenants-table.js';
import { HeaderTenantResolver } from './request/header-tenant-resolver.js';
import { loadTenantMigrations } from './schemas/migrate/single-tenant/load-tenant-migrations.js';
import type { TenantModuleOptions } from './tenant-module-options.interface.js';

/** The options of `TenantModule` with every default filled in. */
export interface ResolvedTenantModuleOptions extends Omit<
  TenantModuleOptions,
  'changeListener' | 'tenantMigrations' | keyof DeprecatedTenantModuleOptions<Tenant>
> {
  readonly registry: TenantRegistry;
  readonly tenantMigrations: readonly MigrationClass[];
  readonly changeListener: ChangeListenerOptions | undefined;
  readonly resolver: NonNullable<TenantModuleOptions['resolver']>;
  assertServable(tenant: Tenant): void;
}

/**
 * Fills in the defaults.
 *
 * @param moduleRef creates a registry that is given as a class
 * @throws TenancyOptionsError for a registry that lacks `find` or `all`, for a listener without a channel, and for the
 *   reasons of `loadTenantMigrations`
 */
export async function withDefaults(
  options: TenantModuleOptions,
  dataSource: DataSource,
  moduleRef: ModuleRef,
): Promise<ResolvedTenantModuleOptions> {
  const { assertServable, cache } = renamedOptions(options);
  const { sharedMigrations = [] } = options;
  const registry = requireRegistryMethods(
    options.registry === undefined
      ? new TenantsTable(dataSource)
      : await registryOf(options.registry, dataSource, moduleRef),
    'find',
    'all',
  ) as TenantRegistry;
  const ownsTable = registry instanceof TenantsTable;
  const tenantMigrations = await loadTenantMigrations(
    options.tenantMigrations ?? [],
    dataSource,
    options.sharedMigrations,
  );
  return {
    ...options,
    ...(cache && { cache }),
    registry,
    changeListener: listenerOf(options.changeListener, ownsTable ? TENANTS_CHANNEL : undefined),
    resolver: options.resolver ?? new HeaderTenantResolver(),
    assertServable:
      assertServable ?? (ownsTable ? (assertNotSuspended as () => void) : () => undefined),
    sharedMigrations: [
      ...(ownsTable && !sharedMigrations.includes(CreateTenantsTable1400000000000)
        ? [CreateTenantsTable1400000000000]
        : []),
      ...sharedMigrations,
    ],
    tenantMigrations,
  };
}

function registryOf(
  option: TenantRegistryOption,
  dataSource: DataSource,
  moduleRef: ModuleRef,
): TenantRegistry | Promise<TenantRegistry> {
  if (typeof option === 'function') return moduleRef.create(option as Type<TenantRegistry>);
  // A registry of the application may have properties of these names.
  const isRegistry = option === null || 'find' in option || 'all' in option;
  if (!isRegistry && 'entity' in option) return new EntityRegistry(dataSource, option.entity);
  if (!isRegistry && 'tenants' in option) return new FixedTenants(option.tenants);
  return option as TenantRegistry;
}

function listenerOf(
  option: TenantModuleOptions['changeListener'],
  ownChannel: string | undefined,
): ChangeListenerOptions | undefined {
  if (option === false || (option === undefined && ownChannel === undefined)) return undefined;
  const channel = option?.channel ?? ownChannel;
  if (channel !== undefined) return { ...option, channel };
  throw new TenancyOptionsError(
    'TenantModule: changeListener.channel',
    'must name the channel that a trigger on your table of tenants notifies',
  );
}

/** @throws TenantSuspendedError */
function assertNotSuspended({ suspended }: TableTenant): void {
  if (suspended) throw new TenantSuspendedError();
}
