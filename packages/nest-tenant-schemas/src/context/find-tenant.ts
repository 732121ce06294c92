import { TenancyOptionsError } from '../errors/tenancy-options.error.js';
import type { TenantReader } from '../interfaces/tenant-registry.interface.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import { allTenants } from './all-tenants.js';
import { tenantContext } from './tenant-context.js';

/**
 * Returns the tenant of an id, or undefined. It reads the registry outside every tenant.
 *
 * @throws TenancyOptionsError when the registry returns the tenant of another id
 */
export async function findTenantById<T extends Tenant>(
  registry: TenantReader<T>,
  id: string,
): Promise<T | undefined> {
  const tenant = await tenantContext.runWithoutTenant(() => registry.find(id));
  // A comparison that ignores case may find the tenant. One that ignores the id may not.
  if (!tenant || String(tenant.id).toLowerCase() === id.toLowerCase()) return tenant;
  throw new TenancyOptionsError(
    'TenantModule: registry',
    `must find the tenant of the id (find('${id}') returned the tenant ${tenant.id})`,
  );
}

/**
 * Returns the tenant of exactly this schema, or undefined. It reads all tenants if the registry has no `findBySchema`. It
 * reads the registry outside every tenant.
 */
export async function findTenantBySchema<T extends Tenant>(
  registry: TenantReader<T>,
  schema: string,
): Promise<T | undefined> {
  if (registry.findBySchema) {
    const tenant = await tenantContext.runWithoutTenant(() => registry.findBySchema?.(schema));
    // A registry that ignores case must not name another tenant.
    return tenant?.schema === schema ? tenant : undefined;
  }
  for await (const tenant of allTenants(registry)) if (tenant.schema === schema) return tenant;
  return undefined;
}
