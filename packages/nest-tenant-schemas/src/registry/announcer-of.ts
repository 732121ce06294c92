import { requireRegistryMethods } from '../core/require-registry-methods.js';
import type { TenantAnnouncer, TenantRegistry } from '../interfaces/tenant-registry.interface.js';

/**
 * Returns the announcing part of a registry. Each of its methods throws `TenancyOptionsError` if the registry lacks it.
 */
export function announcerOf(registry: TenantRegistry): TenantAnnouncer {
  return {
    onChange: (callback) => requireRegistryMethods(registry, 'onChange').onChange(callback),
    notifyChange: async (manager, tenant) =>
      requireRegistryMethods(registry, 'notifyChange').notifyChange(manager, tenant),
  };
}
