import { randomUUID } from 'node:crypto';
import { findTenantBySchema } from '../../context/find-tenant.js';
import type { TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';

/** What people call a tenant. Without the type of your tenants, TypeScript would reject the column of the engine's own table. */
export interface Named {
  readonly name?: unknown;
}

/** The columns of a new tenant's row. */
export type NewTenant<T extends Tenant> = Partial<T> & Pick<T, 'schema'> & Named;

/** Returns a new tenant with its id: the given one, that of a fixed list of tenants, or a random one. */
export async function completeTenant<T extends Tenant>(
  registry: TenantRegistry<T>,
  columns: NewTenant<T>,
): Promise<T> {
  // A registry that cannot change its tenants lists those that are still to be created.
  const listed = registry.update ? undefined : await findTenantBySchema(registry, columns.schema);
  return { ...columns, id: columns.id ?? listed?.id ?? randomUUID() } as unknown as T;
}
