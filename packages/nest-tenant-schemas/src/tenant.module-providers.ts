import {
  type FactoryProvider,
  type InjectionToken,
  Logger,
  type Provider,
  Scope,
} from '@nestjs/common';
import { APP_GUARD, ModuleRef } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { dataSourceForScope } from './connection/typeorm/bound-data-source.js';
import { type NamedMigration, readHistory } from './core/migration-history.js';
import { TenantContext, tenantContext } from './context/tenant-context.js';
import { TenantContextMissingError } from './errors/tenant-context-missing.error.js';
import type { TenantAnnouncer } from './interfaces/tenant-registry.interface.js';
import { announcerOf } from './registry/listener/announcer-of.js';
import { PostgresAnnouncer } from './registry/listener/postgres-announcer.js';
import { TenantChangeListener } from './registry/listener/tenant-change-listener.js';
import { TenantCache } from './request/tenant-cache.js';
import { ASSERT_SERVABLE, TENANT_RESOLVER } from './request/tenant-resolver.token.js';
import { TenantGuard } from './request/guard/tenant.guard.js';
import { TenantRunner } from './runner/tenant-runner.js';
import { MigrationGenerator } from './schemas/generate/data-source-generator.js';
import { SchemaAdopter } from './schemas/adopt/schema-adopter.js';
import { SchemaDoctor } from './schemas/doctor/schema-doctor.js';
import { SchemaMigrator } from './schemas/migrate/schema-migrator.js';
import { TenantCloner } from './schemas/clone/tenant-cloner.js';
import { SchemaBuilds } from './schemas/lifecycle/schema-builds.js';
import { TenantProvisioner } from './schemas/lifecycle/tenant-provisioner.js';
import { TenantRenamer } from './schemas/lifecycle/rename/tenant-renamer.js';
import { TENANT_ANNOUNCER, TENANT_DATA_SOURCE, TENANT_REGISTRY } from './tenancy.constants.js';
import { TenantManager } from './schemas/lifecycle/tenant-manager.js';
import { type ResolvedTenantModuleOptions, withDefaults } from './tenant.module-defaults.js';
import { seedOf } from './tenant.module-seed.js';
import {
  ENGINE_DATA_SOURCE,
  RESOLVED_OPTIONS,
  TENANT_MODULE_OPTIONS,
} from './tenant.module-definition.js';

/**
 * Returns a provider that creates its value from the module's options and the protected DataSource.
 *
 * @param others tokens whose values follow these two
 */
function fromOptions<Others extends unknown[]>(
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
function historiesOf({ sharedMigrations, tenantMigrations }: ResolvedTenantModuleOptions): {
  readonly shared: readonly NamedMigration[];
  readonly tenant: readonly NamedMigration[];
} {
  return {
    shared: readHistory(sharedMigrations ?? [], 'TenantModule: sharedMigrations'),
    tenant: readHistory(tenantMigrations, 'TenantModule: tenantMigrations'),
  };
}

/** Creates everything that the module provides, in no particular order: Nest sorts it by dependencies. */
export const PROVIDERS: Provider[] = [
  { provide: TenantContext, useValue: tenantContext },
  {
    provide: RESOLVED_OPTIONS,
    useFactory: withDefaults,
    inject: [TENANT_MODULE_OPTIONS, ENGINE_DATA_SOURCE, ModuleRef],
  },
  fromOptions(TENANT_REGISTRY, ({ registry }) => registry),
  fromOptions(TENANT_RESOLVER, ({ resolver }) => resolver),
  fromOptions(ASSERT_SERVABLE, (options) => options.assertServable),
  fromOptions(TENANT_ANNOUNCER, ({ registry, changeListener }) =>
    announcerOf(registry, changeListener),
  ),
  fromOptions(
    TenantCache,
    ({ registry, changeListener, cache }, _dataSource, announcer: TenantAnnouncer) => {
      const isAnnounced = changeListener !== undefined || registry.onChange !== undefined;
      return new TenantCache(registry, isAnnounced ? announcer : undefined, cache);
    },
    [TENANT_ANNOUNCER],
  ),
  fromOptions(
    TenantChangeListener,
    ({ changeListener }, dataSource, announcer: TenantAnnouncer, tenantCache: TenantCache) =>
      changeListener && announcer instanceof PostgresAnnouncer
        ? new TenantChangeListener(
            announcer,
            tenantCache,
            dataSource,
            changeListener,
            new Logger('TenantChangeListener'),
          )
        : undefined,
    [TENANT_ANNOUNCER, TenantCache],
  ),
  {
    provide: TENANT_DATA_SOURCE,
    scope: Scope.REQUEST,
    useFactory: (dataSource: DataSource) => {
      const { scope } = tenantContext;
      if (!scope)
        throw new TenantContextMissingError(
          'A request-scoped DataSource was injected outside a request.',
        );
      return dataSourceForScope(dataSource, scope);
    },
    inject: [ENGINE_DATA_SOURCE],
  },
  fromOptions(
    SchemaMigrator,
    (options, dataSource) =>
      new SchemaMigrator(dataSource, options.registry, historiesOf(options), options.roles),
  ),
  fromOptions(
    SchemaDoctor,
    (options, dataSource) =>
      new SchemaDoctor(dataSource, options.registry, historiesOf(options), options.roles),
  ),
  fromOptions(
    TenantProvisioner,
    (options, dataSource, moduleRef: ModuleRef) => {
      const { registry, roles, seed } = options;
      const { tenant } = historiesOf(options);
      return new TenantProvisioner(dataSource, registry, tenant, roles, seedOf(seed, moduleRef));
    },
    [ModuleRef],
  ),
  fromOptions(TenantCloner, (options, dataSource) => {
    const { tenant } = historiesOf(options);
    return new TenantCloner(dataSource, options.registry, tenant, options.roles);
  }),
  fromOptions(TenantRenamer, ({ registry }, dataSource) => new TenantRenamer(dataSource, registry)),
  fromOptions(
    SchemaAdopter,
    (options, dataSource) =>
      new SchemaAdopter(dataSource, options.registry, historiesOf(options), options.roles),
  ),
  fromOptions(
    MigrationGenerator,
    ({ sharedMigrations, tenantMigrations }, dataSource) =>
      new MigrationGenerator(dataSource, sharedMigrations ?? [], tenantMigrations),
  ),
  fromOptions(
    TenantRunner,
    (options) => new TenantRunner(options.registry, (tenant) => options.assertServable(tenant)),
  ),
  fromOptions(SchemaBuilds, (_options, dataSource) => SchemaBuilds.of(dataSource)),
  {
    provide: TenantManager,
    useFactory: (...parts: ConstructorParameters<typeof TenantManager>) =>
      new TenantManager(...parts),
    inject: [
      ENGINE_DATA_SOURCE,
      TENANT_REGISTRY,
      TenantProvisioner,
      TenantCloner,
      TenantRenamer,
      TenantCache,
    ],
  },
  { provide: APP_GUARD, useClass: TenantGuard },
];
