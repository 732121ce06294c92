import type { ModuleRef } from '@nestjs/core';
import type { FillTenant } from 'nest-tenant-schemas';
import { UsersService } from '../../users/users.service.js';
import { insertAudited } from './audited-user.js';
import { chosenOrMadeUp } from './ask-new-user.js';
import { userReport, type UserReport } from './user-report.js';

/** The first admin of a tenant that is being created. */
export interface FirstAdmin {
  /** Stores it in the transaction that creates the tenant: neither is there without the other. */
  readonly fill: FillTenant;
  /** What is told of it, once it is stored. */
  report(): UserReport;
}

/** @param chosen the password that was asked for; undefined: one is made up */
export async function makeFirstAdmin(
  application: ModuleRef,
  username: string,
  chosen: string | undefined,
): Promise<FirstAdmin> {
  const { password, madeUp } = chosenOrMadeUp(chosen);
  const users = application.get(UsersService, { strict: false });
  const user = await users.make({ username, email: null, password, role: 'admin' });
  return {
    fill: (manager) => insertAudited(application, manager, user),
    report: () => userReport(user, madeUp),
  };
}
