import type { ModuleRef } from '@nestjs/core';
import { Option } from 'nest-commander';
import type { Tenant } from 'nest-tenant-schemas';
import { USER_ROLES, type UserRole } from '../../users/user.entity.js';
import { UsersService } from '../../users/users.service.js';
import { askPassword, chosenOrGenerated } from './ask-new-user.js';
import { asAuditor, auditChange } from './audited-user.js';
import {
  canAsk,
  parseChoice,
  Questions,
  type Task,
  TenantCommand,
  type TenantOptions,
  TenantScopedCommand,
  UsageError,
} from 'nest-tenant-schemas/commands';
import { passwordLines, userReport, type UserReport } from './user-report.js';

interface Options extends TenantOptions {
  readonly username: string;
  readonly role?: UserRole;
  readonly newPassword?: boolean;
  readonly logOut?: boolean;
  /** The answer to a question. It is not an option because other users of the machine can read options. */
  readonly password?: string;
}

/** Leaves the password unchanged. */
const NO_PASSWORD = { password: undefined, generated: undefined };

@TenantCommand({
  name: 'change-user',
  description:
    'Changes the role or the password of a user, and logs the user out everywhere. All earlier tokens become invalid. ' +
    'Give at least one of --role, --new-password and --log-out.',
})
export class ChangeUserCommand extends TenantScopedCommand<UserReport, Options> {
  override async prepare({ args, options }: Task<Options>): Promise<Task<Options>> {
    if (options.role === undefined && !options.newPassword && !options.logOut) {
      throw new UsageError('Give at least one change: --role, --new-password or --log-out.');
    }
    if (!options.newPassword || !canAsk() || options.json) return { args, options };
    const questions = new Questions();
    try {
      return { args, options: { ...options, password: await askPassword(questions) } };
    } finally {
      questions.close();
    }
  }

  protected override enter<T>(tenant: Tenant, work: () => T): T {
    return asAuditor(tenant, work);
  }

  protected async work(application: ModuleRef, { options }: Task<Options>): Promise<UserReport> {
    const { username, role, newPassword } = options;
    const { password, generated } = newPassword ? chosenOrGenerated(options.password) : NO_PASSWORD;
    const changes = { ...(role && { role }), ...(password !== undefined && { password }) };
    const user = await application
      .get(UsersService, { strict: false })
      .change(username, changes, auditChange(application));
    if (!user) throw new UsageError(`This tenant has no user "${username}".`);
    return userReport(user, generated);
  }

  linesOf(report: UserReport): readonly string[] {
    return [
      `Changed ${report.role} "${report.username}", and logged them out everywhere.`,
      ...passwordLines(report),
    ];
  }

  @Option({
    flags: '--username <name>',
    description: 'the user to change; required',
    required: true,
  })
  parseUsername(value: string): string {
    return value;
  }

  @Option({ flags: '--role <role>', description: 'the new role', choices: [...USER_ROLES] })
  parseRole(value: string): UserRole {
    return parseChoice('--role', value, USER_ROLES);
  }

  @Option({
    flags: '--new-password',
    description: 'set a new password: ask for it, or generate and print it',
  })
  parseNewPassword(): boolean {
    return true;
  }

  @Option({ flags: '--log-out', description: 'only log the user out' })
  parseLogOut(): boolean {
    return true;
  }
}
