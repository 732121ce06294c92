import { Module } from '@nestjs/common';
import { openApplication } from './open-application.js';
import { ChangeUserCommand } from './commands/users/change-user.command.js';
import { ClientNaming } from './commands/client-naming.js';
import { ClientPresenter } from './commands/client-presenter.js';
import { CreateTenantCommand } from './commands/create-tenant.command.js';
import { CreateUserCommand } from './commands/users/create-user.command.js';
import { PollsReportCommand } from './commands/polls-report.command.js';
import { TenantCommandsModule, TenantSuspension } from 'nest-tenant-schemas/commands';

/** Commands of the application in one tenant. A module of their own lists them last in the help. */
@Module({ providers: [PollsReportCommand, CreateUserCommand, ChangeUserCommand] })
class TenantScopedCommandsModule {}

/** The commands. None opens the database before its arguments are known to be right. */
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
