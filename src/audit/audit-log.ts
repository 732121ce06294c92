import type { EntityManager } from 'typeorm';
import type { Tenant } from 'nest-tenant-schemas';
import type { Actor } from './actor.interface.js';
import { type AuditAction, AuditEntry } from './audit-entry.entity.js';

/** What happened, without who did it. */
export interface AuditedChange {
  readonly action: AuditAction;
  readonly tenant: Tenant;
  /** What was, and what is, as it is shown to operators: never a password, a key or a token. */
  readonly before?: object;
  readonly after?: object;
}

/** Keeps who changed which tenant, how and when. */
export class AuditLog {
  constructor(private readonly actor: Actor) {}

  /**
   * Adds an entry.
   *
   * @param manager of the transaction that makes the change, so that there is never one without the other
   */
  async record(manager: EntityManager, change: AuditedChange): Promise<void> {
    const { action, tenant, before = null, after = null } = change;
    await manager.insert(AuditEntry, {
      actor: this.actor.name,
      via: this.actor.via,
      action,
      tenantId: tenant.id,
      tenantSchema: tenant.schema,
      before,
      after,
    });
  }
}
