import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { RunInAllTenantsCommand } from './scoped/all-tenants-command.command.js';
import { AdoptSchemaCommand } from './tenants/adopt-schema.command.js';
import { CliRuntime, type OpenApplication } from './runtime/cli-runtime.js';
import { CloneTenantCommand } from './tenants/clone-tenant.command.js';
import { CreateTenantCommand } from './tenants/create-tenant.command.js';
import { DeleteTenantCommand } from './tenants/delete-tenant.command.js';
import { DoctorCommand } from './fleet/doctor.command.js';
import { GenerateMigrationCommand } from './migrations/generate-migration.command.js';
import { InitCommand } from './init/init.command.js';
import { ListTenantsCommand } from './tenants/list-tenants.command.js';
import { MigrateSchemasCommand } from './fleet/migrate-schemas.command.js';
import { MigrationsStatusCommand } from './fleet/migrations-status.command.js';
import { RenameTenantCommand } from './tenants/rename-tenant.command.js';
import { ResumeTenantCommand } from './tenants/resume-tenant.command.js';
import { RevertSchemasCommand } from './fleet/revert-schemas.command.js';
import { SuspendTenantCommand } from './tenants/suspend-tenant.command.js';
import { TenancyCommand } from './runtime/tenancy-command.js';
import { TenantCommandCommand } from './scoped/tenant-command.command.js';
import { TenantCommands } from './scoped/tenant-commands.js';
import { TenantNaming } from './tenants/tenant-naming.js';
import { TenantPresenter } from './tenants/tenant-presenter.js';
import { TenantSuspension } from './tenants/tenant-suspension.js';

/** Options of {@link TenantCommandsModule}. */
export interface TenantCommandsOptions {
  /** Opens the application for a command. */
  readonly open: OpenApplication;
  /** Prints tenants. Default: id, name and schema. */
  readonly presenter?: Type<TenantPresenter>;
  /** Checks and stores names of tenants. Default: columns `name` and `schema`. */
  readonly naming?: Type<TenantNaming>;
  /** The command `create-tenant` of the application. Default: one that sets columns by `--name`, `--schema` and `--set`. */
  readonly creation?: Type<TenancyCommand>;
  /** Adds the commands `suspend-tenant` and `resume-tenant`. Default: there are none. */
  readonly suspension?: Type<TenantSuspension>;
}

/** The operator's commands, for the module of a nest-commander CLI. Global, so that other commands get the runtime. */
@Module({})
export class TenantCommandsModule {
  static register({
    open,
    presenter = TenantPresenter,
    naming = TenantNaming,
    creation = CreateTenantCommand,
    suspension,
  }: TenantCommandsOptions): DynamicModule {
    return {
      module: TenantCommandsModule,
      global: true,
      imports: [DiscoveryModule],
      // The help lists commands in this order.
      providers: [
        { provide: CliRuntime, useFactory: () => new CliRuntime(open) },
        { provide: TenantPresenter, useClass: presenter },
        { provide: TenantNaming, useClass: naming },
        TenantCommands,
        creation,
        ListTenantsCommand,
        ...(suspension
          ? [
              { provide: TenantSuspension, useClass: suspension },
              SuspendTenantCommand,
              ResumeTenantCommand,
            ]
          : []),
        RenameTenantCommand,
        CloneTenantCommand,
        DeleteTenantCommand,
        MigrateSchemasCommand,
        MigrationsStatusCommand,
        RevertSchemasCommand,
        DoctorCommand,
        GenerateMigrationCommand,
        InitCommand,
        AdoptSchemaCommand,
        TenantCommandCommand,
        RunInAllTenantsCommand,
      ],
      exports: [CliRuntime],
    };
  }
}
