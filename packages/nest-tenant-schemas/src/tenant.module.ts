import {
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, getMetadataArgsStorage } from 'typeorm';
import './nest-warnings.js';
import { TenantContext } from './context/tenant-context.js';
import { TenancyOptionsError } from './errors/tenancy-options.error.js';
import { hasReplicas } from './connection/replicas/replica-options.js';
import {
  addTenantHook,
  enterReplicatedScope,
  enterTenantScope,
} from './request/enter-tenant-scope.js';
import { TenantChangeListener } from './registry/listener/tenant-change-listener.js';
import { orderGuards } from './request/guard/order-guards.js';
import { TenantCache } from './request/tenant-cache.js';
import { TENANT_RESOLVER } from './request/tenant-resolver.token.js';
import { TenantGuard } from './request/guard/tenant.guard.js';
import { bindTokens } from './request/tokens/bind-tokens.js';
import { TenantRunner } from './runner/tenant-runner.js';
import { MigrationGenerator } from './schemas/generate/data-source-generator.js';
import { SchemaAdopter } from './schemas/adopt/schema-adopter.js';
import { SchemaDoctor } from './schemas/doctor/schema-doctor.js';
import { SchemaMigrator } from './schemas/migrate/schema-migrator.js';
import { checkDatabase } from './start-up-checks.js';
import { TenantCloner } from './schemas/clone/tenant-cloner.js';
import { SchemaBuilds } from './schemas/lifecycle/schema-builds.js';
import { TenantProvisioner } from './schemas/lifecycle/tenant-provisioner.js';
import { TenantRenamer } from './schemas/lifecycle/rename/tenant-renamer.js';
import { TENANT_ANNOUNCER, TENANT_DATA_SOURCE, TENANT_REGISTRY } from './tenancy.constants.js';
import { TenantManager } from './schemas/lifecycle/tenant-manager.js';
import { type ResolvedTenantModuleOptions } from './tenant.module-defaults.js';
import { assertSeeder } from './tenant.module-seed.js';
import type { TenantModuleOptions } from './tenant-module-options.interface.js';
import {
  ConfigurableModuleClass,
  ENGINE_DATA_SOURCE,
  RESOLVED_OPTIONS,
  type TenantModuleExtras,
} from './tenant.module-definition.js';
import { PROVIDERS } from './tenant.module-providers.js';

/**
 * Makes a Nest application multi-tenant. It resolves the tenant of each request, binds the application's
 * DataSource to the tenant, and creates and migrates schemas. The module is global: import it once, after
 * `TypeOrmModule`.
 */
@Module({
  providers: PROVIDERS,
  exports: [
    TenantContext,
    TENANT_REGISTRY,
    TENANT_RESOLVER,
    TENANT_ANNOUNCER,
    TENANT_DATA_SOURCE,
    TenantCache,
    SchemaMigrator,
    MigrationGenerator,
    SchemaAdopter,
    SchemaDoctor,
    TenantProvisioner,
    TenantCloner,
    TenantRenamer,
    TenantManager,
    TenantRunner,
    SchemaBuilds,
  ],
})
export class TenantModule
  extends ConfigurableModuleClass
  implements NestModule, OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown
{
  private readonly logger = new Logger('TenantModule');

  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly modules: ModulesContainer,
    private readonly adapterHost: HttpAdapterHost,
    private readonly tenantCache: TenantCache,
    @Inject(ENGINE_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedTenantModuleOptions,
    @Inject(TenantChangeListener) private readonly listener: TenantChangeListener | undefined,
  ) {
    super();
  }

  /** Configures the module. Default: every option has its default. */
  static override forRoot(options: TenantModuleOptions & TenantModuleExtras = {}): DynamicModule {
    return super.forRoot(options);
  }

  /**
   * Registers repositories for entities of tenants, like `TypeOrmModule.forFeature` and under the same
   * tokens. It also checks that the entities belong to tenants. `TypeOrmModule.forFeature` works too, without
   * this check.
   *
   * @throws TenancyOptionsError for an entity with a schema of its own, which would be shared
   */
  static forFeature(entities: Parameters<typeof TypeOrmModule.forFeature>[0] = []): DynamicModule {
    for (const entity of entities) {
      const table = getMetadataArgsStorage().tables.find(({ target }) => target === entity);
      if (table?.schema !== undefined) {
        throw new TenancyOptionsError(
          `TenantModule.forFeature: ${String(table.name ?? (entity as { name: string }).name)}`,
          `must not name a schema (it names "${table.schema}"). Register shared entities with ` +
            'TypeOrmModule.forFeature.',
        );
      }
    }
    const feature = TypeOrmModule.forFeature(entities);
    return { ...feature, module: TypeOrmModule };
  }

  /** Registers the hook or the middleware that enters a scope for each request, and lets the tenant's guard run first. */
  configure(): void {
    if (!orderGuards(this.moduleRef, TenantGuard)) {
      this.logger.warn(
        'Global guards of modules that are imported before TenantModule run before the tenant is known. ' +
          'Import TenantModule first.',
      );
    }
    const adapter = this.adapterHost.httpAdapter;
    const enter = hasReplicas(this.dataSource) ? enterReplicatedScope : enterTenantScope;
    if (adapter.getType() === 'fastify') addTenantHook(adapter.getInstance(), enter);
    else adapter.use(enter);
  }

  /**
   * Binds tokens to tenants, checks the database, and logs warnings.
   *
   * @throws TenancyOptionsError if the module is imported twice for one DataSource, or if no module has the provider of `seed`
   */
  async onModuleInit(): Promise<void> {
    this.assertImportedOnce();
    assertSeeder(this.options.seed, this.moduleRef);
    const warnings = [
      ...bindTokens(this.modules, this.options.bindTokens),
      ...(await checkDatabase(this.dataSource, this.options.roles)),
    ];
    for (const warning of warnings) this.logger.warn(warning);
  }

  private assertImportedOnce(): void {
    const sameModules = [...this.modules.values()].filter(
      ({ metatype, providers }) =>
        metatype === TenantModule &&
        providers.get(ENGINE_DATA_SOURCE)?.instance === this.dataSource,
    );
    if (sameModules.length === 1) return;
    throw new TenancyOptionsError(
      'TenantModule',
      'must be imported once for a DataSource. Import it in the root module only: it is global.',
    );
  }

  /** Starts the change listener in a server only. A command looks each tenant up once. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.adapterHost.httpAdapter) await this.listener?.start();
  }

  /** Stops after the last request, because a tenant may be suspended until then. */
  async onApplicationShutdown(): Promise<void> {
    await this.listener?.stop();
    this.tenantCache.close();
  }
}
