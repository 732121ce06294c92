import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { RunInAllTenantsCommand } from './all-tenants-command.command.js';
import { CliRuntime } from './cli-runtime.js';
import { CloneTenantCommand } from './clone-tenant.command.js';
import { DeleteTenantCommand } from './delete-tenant.command.js';
import { DoctorCommand } from './doctor.command.js';
import { ListTenantsCommand } from './list-tenants.command.js';
import { MigrateSchemasCommand } from './migrate-schemas.command.js';
import { MigrationsStatusCommand } from './migrations-status.command.js';
import { RenameTenantCommand } from './rename-tenant.command.js';
import { ResumeTenantCommand } from './resume-tenant.command.js';
import { RevertSchemasCommand } from './revert-schemas.command.js';
import { SuspendTenantCommand } from './suspend-tenant.command.js';
import { TenantCommandCommand } from './tenant-command.command.js';
import { TenantCommands } from './tenant-commands.js';
import { TenantNaming } from './tenant-naming.js';
import { TenantPresenter } from './tenant-presenter.js';
import { TenantSuspension } from './tenant-suspension.js';

/** Options of {@link TenantCommandsModule}. */
export interface TenantCommandsOptions {
  /** Opens the application for a command. */
  readonly runtime: Type<CliRuntime>;
  /** Prints tenants. Default: id, name and schema. */
  readonly presenter?: Type<TenantPresenter>;
  /** Checks and stores names of tenants. Default: columns `name` and `schema`. */
  readonly naming?: Type<TenantNaming>;
  /** Adds the commands `suspend-tenant` and `resume-tenant`. Default: there are none. */
  readonly suspension?: Type<TenantSuspension>;
}

/** The operator's commands, for the module of a nest-commander CLI. Global, so that other commands get the runtime. */
@Module({})
export class TenantCommandsModule {
  static register({
    runtime,
    presenter = TenantPresenter,
    naming = TenantNaming,
    suspension,
  }: TenantCommandsOptions): DynamicModule {
    return {
      module: TenantCommandsModule,
      global: true,
      imports: [DiscoveryModule],
      // The help lists commands in this order.
      providers: [
        { provide: CliRuntime, useClass: runtime },
        { provide: TenantPresenter, useClass: presenter },
        { provide: TenantNaming, useClass: naming },
        TenantCommands,
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
        TenantCommandCommand,
        RunInAllTenantsCommand,
      ],
      exports: [CliRuntime],
    };
  }
}
