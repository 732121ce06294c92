import { Module } from '@nestjs/common';
import { openApplication } from './open-application.js';
import { ChangeUserCommand } from './commands/users/change-user.command.js';
import { ClientNaming } from './commands/client-naming.js';
import { ClientPresenter } from './commands/client-presenter.js';
import { CreateTenantCommand } from './commands/create-tenant.command.js';
import { CreateUserCommand } from './commands/users/create-user.command.js';
import { PollsReportCommand } from './commands/polls-report.command.js';
import { TenantCommandsModule, TenantSuspension } from 'nest-tenant-schemas/commands';

/** Commands that run in one tenant. This separate module makes the help list them last. */
@Module({ providers: [PollsReportCommand, CreateUserCommand, ChangeUserCommand] })
class TenantScopedCommandsModule {}

/** Registers the commands. Each command validates its arguments before it opens the database. */
@Module({
  imports: [
    TenantCommandsModule.register({
      open: openApplication,
      presenter: ClientPresenter,
      naming: ClientNaming,
      creation: CreateTenantCommand,
      suspension: TenantSuspension,
    }),
    TenantScopedCommandsModule,
  ],
})
export class CliModule {}
