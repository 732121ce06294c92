import { Module } from '@nestjs/common';
import { ApplicationCliRuntime } from './cli.runtime.js';
import { CliRuntime } from './commands/cli-runtime.js';
import { CreateTenantCommand } from './commands/create-tenant.command.js';
import { ListTenantsCommand } from './commands/list-tenants.command.js';
import { MigrateSchemasCommand } from './commands/migrate-schemas.command.js';
import { MigrationsStatusCommand } from './commands/migrations-status.command.js';

/** The commands. None opens the database before its arguments are known to be right. */
@Module({
  providers: [
    { provide: CliRuntime, useClass: ApplicationCliRuntime },
    CreateTenantCommand,
    ListTenantsCommand,
    MigrateSchemasCommand,
    MigrationsStatusCommand,
  ],
})
export class CliModule {}
