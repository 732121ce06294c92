import type { TenantReader } from '../interfaces/tenant-registry.interface.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import { tenantContext } from './tenant-context.js';

const outside = <R>(read: () => R): R => tenantContext.runWithoutTenant(read);

/** Returns all tenants of a registry, which it reads outside every tenant: a tenant's role may not read the registry. */
export function allTenants<T extends Tenant>(registry: TenantReader<T>): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const tenants = outside(() => registry.all()[Symbol.asyncIterator]());
      return {
        next: () => outside(() => tenants.next()),
        return: async () => {
          await outside(() => tenants.return?.());
          return { done: true, value: undefined };
        },
      };
    },
  };
}
