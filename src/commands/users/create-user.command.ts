import type { ModuleRef } from '@nestjs/core';
import { Option } from 'nest-commander';
import { DataSource } from 'typeorm';
import type { Tenant } from 'nest-tenant-schemas';
import { NewUser } from '../../users/dto/user-input.dto.js';
import { UsersService } from '../../users/users.service.js';
import { askNewUser, chosenOrGenerated, USER_NAMES } from './ask-new-user.js';
import { asAuditor, insertAudited } from './audited-user.js';
import {
  canAsk,
  type Task,
  TenantCommand,
  type TenantOptions,
  TenantScopedCommand,
  UsageError,
} from 'nest-tenant-schemas/commands';
import { passwordLines, userReport, type UserReport } from './user-report.js';
import { type FieldNames, validateInput } from '../validate-input.js';

interface Options extends TenantOptions {
  readonly username?: string;
  readonly email?: string;
  readonly admin?: boolean;
  /** The answer to a question. It is not an option because other users of the machine can read options. */
  readonly password?: string;
}

const FLAGS: FieldNames<NewUser> = { ...USER_NAMES, username: '--username', email: '--email' };

@TenantCommand({
  name: 'create-user',
  description:
    'Creates a user of a tenant. On a terminal the command asks for missing values and the password. ' +
    'Otherwise it generates a password, and prints it once.',
})
export class CreateUserCommand extends TenantScopedCommand<UserReport, Options> {
  override async prepare({ args, options }: Task<Options>): Promise<Task<Options>> {
    const { username, email } = options;
    validateInput(
      Object.assign(new NewUser(), { username, email: email === '' ? undefined : email }),
      FLAGS,
    );
    if (canAsk() && !options.json)
      return { args, options: { ...options, ...(await askNewUser(options)) } };
    if (username === undefined) throw new UsageError('The user needs a name: --username <name>.');
    return { args, options };
  }

  protected override enter<T>(tenant: Tenant, work: () => T): T {
    return asAuditor(tenant, work);
  }

  protected async work(application: ModuleRef, { options }: Task<Options>): Promise<UserReport> {
    const { password, generated } = chosenOrGenerated(options.password);
    const user = await application.get(UsersService, { strict: false }).make({
      username: options.username ?? '',
      email: options.email || null,
      password,
      role: options.admin ? 'admin' : 'member',
    });
    await application
      .get(DataSource, { strict: false })
      .transaction((manager) => insertAudited(application, manager, user));
    return userReport(user, generated);
  }

  linesOf(report: UserReport): readonly string[] {
    return [`Created ${report.role} "${report.username}".`, ...passwordLines(report)];
  }

  @Option({
    flags: '--username <name>',
    description: 'name of the user, unique in the tenant regardless of case',
  })
  parseUsername(value: string): string {
    return value;
  }

  @Option({
    flags: '--email <address>',
    description: 'email address; without it, or with "", the user has none',
  })
  parseEmail(value: string): string {
    return value;
  }

  @Option({ flags: '--admin', description: 'create an admin, who may change every poll' })
  parseAdmin(): boolean {
    return true;
  }
}
