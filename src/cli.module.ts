import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ApplicationCliRuntime } from './cli.runtime.js';
import { RunInAllTenantsCommand } from './commands/all-tenants-command.command.js';
import { ChangeUserCommand } from './commands/change-user.command.js';
import { CliRuntime } from './commands/cli-runtime.js';
import { CloneTenantCommand } from './commands/clone-tenant.command.js';
import { CreateTenantCommand } from './commands/create-tenant.command.js';
import { CreateUserCommand } from './commands/create-user.command.js';
import { DeleteTenantCommand } from './commands/delete-tenant.command.js';
import { DoctorCommand } from './commands/doctor.command.js';
import { ListTenantsCommand } from './commands/list-tenants.command.js';
import { MigrateSchemasCommand } from './commands/migrate-schemas.command.js';
import { MigrationsStatusCommand } from './commands/migrations-status.command.js';
import { PollsReportCommand } from './commands/polls-report.command.js';
import { RenameTenantCommand } from './commands/rename-tenant.command.js';
import { ResumeTenantCommand } from './commands/resume-tenant.command.js';
import { RevertSchemasCommand } from './commands/revert-schemas.command.js';
import { SuspendTenantCommand } from './commands/suspend-tenant.command.js';
import { TenantCommandCommand } from './commands/tenant-command.command.js';
import { TenantCommands } from './commands/tenant-commands.js';

/** The commands. None opens the database before its arguments are known to be right. */
@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: CliRuntime, useClass: ApplicationCliRuntime },
    CreateTenantCommand,
    ListTenantsCommand,
    SuspendTenantCommand,
    ResumeTenantCommand,
    RenameTenantCommand,
    CloneTenantCommand,
    DeleteTenantCommand,
    MigrateSchemasCommand,
    MigrationsStatusCommand,
    RevertSchemasCommand,
    DoctorCommand,
    TenantCommands,
    TenantCommandCommand,
    RunInAllTenantsCommand,
    PollsReportCommand,
    CreateUserCommand,
    ChangeUserCommand,
  ],
})
export class CliModule {}
