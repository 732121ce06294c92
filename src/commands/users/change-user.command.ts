import type { ModuleRef } from '@nestjs/core';
import { Option } from 'nest-commander';
import type { Tenant } from 'nest-tenant-schemas';
import { USER_ROLES, type UserRole } from '../../users/user.entity.js';
import { UsersService } from '../../users/users.service.js';
import { askPassword, chosenOrMadeUp } from './ask-new-user.js';
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
  /** Never a flag, which others on the machine could read: asked. */
  readonly password?: string;
}

/** Where the password stays. */
const NONE = { password: undefined, madeUp: undefined };

@TenantCommand({
  name: 'change-user',
  description:
    "Changes a user's role or password, or neither. In any case it logs the user out everywhere: " +
    'tokens from before are good no more.',
})
export class ChangeUserCommand extends TenantScopedCommand<UserReport, Options> {
  override async prepare({ args, options }: Task<Options>): Promise<Task<Options>> {
    if (options.role === undefined && !options.newPassword && !options.logOut) {
      throw new UsageError('Say what to change: --role, --new-password or --log-out.');
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
    const { password, madeUp } = newPassword ? chosenOrMadeUp(options.password) : NONE;
    const changes = { ...(role && { role }), ...(password !== undefined && { password }) };
    const user = await application
      .get(UsersService, { strict: false })
      .change(username, changes, auditChange(application));
    if (!user) throw new UsageError(`There is no user "${username}" in this tenant.`);
    return userReport(user, madeUp);
  }

  linesOf(report: UserReport): readonly string[] {
    return [
      `Changed ${report.role} "${report.username}", who is logged out everywhere.`,
      ...passwordLines(report),
    ];
  }

  @Option({ flags: '--username <name>', description: 'whom to change', required: true })
  parseUsername(value: string): string {
    return value;
  }

  @Option({ flags: '--role <role>', description: 'the new role', choices: [...USER_ROLES] })
  parseRole(value: string): UserRole {
    return parseChoice('--role', value, USER_ROLES);
  }

  @Option({ flags: '--new-password', description: 'asks for it, or makes one up' })
  parseNewPassword(): boolean {
    return true;
  }

  @Option({ flags: '--log-out', description: 'changes nothing else' })
  parseLogOut(): boolean {
    return true;
  }
}
