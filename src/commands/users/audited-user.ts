import type { ModuleRef } from '@nestjs/core';
import type { EntityManager } from 'typeorm';
import { AuditLog } from '../../audit/audit-log.js';
import { type Tenant, tenantContext } from 'nest-tenant-schemas';
import type { User } from '../../users/user.entity.js';
import { UsersService } from '../../users/users.service.js';

/** Returns a user in the format of the audit log. */
const auditView = ({ username, email, role }: User): object => ({ username, email, role });

/** Runs work in a tenant with the rights of the owner. The role of a tenant cannot write the audit log. */
export function asAuditor<T>(tenant: Tenant, work: () => T): T {
  return tenantContext.runAsOwner(tenant, work);
}

/**
 * Stores a user of the current tenant that an operator creates, and its entry in the audit log, in one transaction.
 *
 * @throws ConflictException if the username is taken
 */
export async function insertAudited(
  application: ModuleRef,
  manager: EntityManager,
  user: User,
): Promise<void> {
  await application.get(UsersService, { strict: false }).insert(manager, user);
  await application.get(AuditLog, { strict: false }).record(manager, {
    action: 'create-user',
    tenant: tenantContext.require(),
    after: auditView(user),
  });
}

/** Writes the audit entry of a user that an operator changed and logged out. It contains no password. */
export function auditChange(application: ModuleRef) {
  return (manager: EntityManager, before: User, after: User): Promise<void> =>
    application.get(AuditLog, { strict: false }).record(manager, {
      action: 'change-user',
      tenant: tenantContext.require(),
      before: auditView(before),
      after: auditView(after),
    });
}
