import { EventEmitter } from 'node:events';
import type { EntityManager } from 'typeorm';
import type { TenantAnnouncer } from '../../interfaces/tenant-registry.interface.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';

/**
 * Announces changes of tenants by NOTIFY. The server delivers a notification when its transaction commits.
 * `TenantChangeListener` receives it and calls `deliver`.
 */
export class PostgresAnnouncer implements TenantAnnouncer {
  private readonly changes = new EventEmitter().setMaxListeners(0);

  constructor(private readonly channel: string) {}

  async notifyChange(manager: EntityManager, { id }: Pick<Tenant, 'id'>): Promise<void> {
    // As part of a statement on a tenant's table, the call would run on a Citus worker and be lost.
    await manager.query('SELECT pg_notify($1, $2)', [this.channel, id]);
  }

  onChange(callback: (id?: string) => void): () => void {
    this.changes.on('change', callback);
    return () => this.changes.off('change', callback);
  }

  /** Calls the subscribers of this process. Without an id, any tenant may have changed. */
  deliver(id?: string): void {
    this.changes.emit('change', id);
  }
}
