import type { EntityManager } from 'typeorm';
import { type Tenant, TenantConflictError, type TenantRegistry } from 'nest-tenant-schemas';

/** A registry in memory, for specs that do not need the application's table. */
export class MemoryRegistry implements TenantRegistry {
  readonly tenants = new Map<string, Tenant>();
  private readonly listeners = new Set<(id?: string) => void>();
  /** Number of calls of `find`. */
  lookUps = 0;

  constructor(tenants: readonly Tenant[] = []) {
    for (const tenant of tenants) this.tenants.set(tenant.id, tenant);
  }

  find(id: string): Promise<Tenant | undefined> {
    this.lookUps += 1;
    return Promise.resolve(this.tenants.get(id));
  }

  findByName(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async *all(): AsyncGenerator<Tenant> {
    yield* this.tenants.values();
  }

  insert(_manager: EntityManager, tenant: Tenant): Promise<void> {
    // The engine inserts a tenant twice and rolls the first insert back. Memory cannot roll back.
    const found = this.tenants.get(tenant.id);
    if (found && found !== tenant) throw new TenantConflictError(`id ${tenant.id}`);
    this.tenants.set(tenant.id, tenant);
    return Promise.resolve();
  }

  update(_manager: EntityManager, tenant: Tenant, changes: Partial<Tenant>): Promise<boolean> {
    if (this.tenants.get(tenant.id)?.schema !== tenant.schema) return Promise.resolve(false);
    this.tenants.set(tenant.id, { ...tenant, ...changes, id: tenant.id });
    return Promise.resolve(true);
  }

  remove(_manager: EntityManager, tenant: Tenant): Promise<boolean> {
    const isThere = this.tenants.get(tenant.id)?.schema === tenant.schema;
    return Promise.resolve(isThere && this.tenants.delete(tenant.id));
  }

  notifyChange(_manager: EntityManager, { id }: Pick<Tenant, 'id'>): Promise<void> {
    this.announce(id);
    return Promise.resolve();
  }

  onChange(callback: (id?: string) => void): () => void {
    this.listeners.add(callback);
    return () => this.listeners.delete(callback);
  }

  /** Notifies the listeners that a tenant changed. */
  announce(id?: string): void {
    for (const listener of this.listeners) listener(id);
  }

  get listenerCount(): number {
    return this.listeners.size;
  }
}
