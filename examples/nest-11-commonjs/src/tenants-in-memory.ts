import type { Tenant, TenantRegistry } from 'nest-tenant-schemas';
import type { EntityManager } from 'typeorm';

/** Keeps tenants in memory. An application keeps them in a table of the schema `public`. */
export class TenantsInMemory implements TenantRegistry {
  private readonly tenants = new Map<string, Tenant>();

  async find(id: string): Promise<Tenant | undefined> {
    return this.tenants.get(id);
  }

  async *all(): AsyncGenerator<Tenant> {
    yield* this.tenants.values();
  }

  async insert(_manager: EntityManager, tenant: Tenant): Promise<void> {
    this.tenants.set(tenant.id, tenant);
  }

  async remove(_manager: EntityManager, tenant: Tenant): Promise<boolean> {
    return this.tenants.delete(tenant.id);
  }
}
