import type { EntityManager } from 'typeorm';
import type { Tenant } from 'nest-tenant-schemas';
import type { Actor } from './actor.interface.js';
import { type AuditAction, AuditEntry } from './audit-entry.entity.js';

/** A change of a tenant, without its actor. */
export interface AuditedChange {
  readonly action: AuditAction;
  readonly tenant: Tenant;
  /** The states before and after the change, as operators see them. They contain no password, key or token. */
  readonly before?: object;
  readonly after?: object;
}

/** Records each change of a tenant, with its actor and time. */
export class AuditLog {
  constructor(private readonly actor: Actor) {}

  /**
   * Adds an entry.
   *
   * @param manager runs the transaction of the change, so that the change and its entry commit together
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
