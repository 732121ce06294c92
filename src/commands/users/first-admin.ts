import type { ModuleRef } from '@nestjs/core';
import type { FillTenant } from 'nest-tenant-schemas';
import { UsersService } from '../../users/users.service.js';
import { insertAudited } from './audited-user.js';
import { chosenOrGenerated } from './ask-new-user.js';
import { userReport, type UserReport } from './user-report.js';

/** The first admin of a tenant that is being created. */
export interface FirstAdmin {
  /** Stores the admin in the transaction that creates the tenant. */
  readonly fill: FillTenant;
  /** Returns the stored admin for the output. */
  report(): UserReport;
}

/**
 * Prepares the first admin of a new tenant, before its transaction.
 *
 * @param chosen the password that the user entered. Undefined: a password is generated
 */
export async function makeFirstAdmin(
  application: ModuleRef,
  username: string,
  chosen: string | undefined,
): Promise<FirstAdmin> {
  const { password, generated } = chosenOrGenerated(chosen);
  const users = application.get(UsersService, { strict: false });
  const user = await users.make({ username, email: null, password, role: 'admin' });
  return {
    fill: (manager) => insertAudited(application, manager, user),
    report: () => userReport(user, generated),
  };
}
