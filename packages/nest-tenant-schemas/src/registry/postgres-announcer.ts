import { EventEmitter } from 'node:events';
import type { EntityManager } from 'typeorm';
import type { TenantAnnouncer } from '../interfaces/tenant-registry.interface.js';
import type { Tenant } from '../interfaces/tenant.interface.js';

/**
 * Announces changes of tenants by NOTIFY. The server delivers a notification when its transaction commits; what arrives
 * here comes from `TenantChangeListener`.
 */
export class PostgresAnnouncer implements TenantAnnouncer {
  private readonly changes = new EventEmitter().setMaxListeners(0);

  constructor(private readonly channel: string) {}

  async notifyChange(manager: EntityManager, { id }: Pick<Tenant, 'id'>): Promise<void> {
    // A separate statement: as part of one on a tenant's table it would be lost on a Citus worker.
    await manager.query('SELECT pg_notify($1, $2)', [this.channel, id]);
  }

  onChange(callback: (id?: string) => void): () => void {
    this.changes.on('change', callback);
    return () => this.changes.off('change', callback);
  }

  /** Calls the subscribers of this process: a tenant changed, or, without an id, any may have. */
  deliver(id?: string): void {
    this.changes.emit('change', id);
  }
}
