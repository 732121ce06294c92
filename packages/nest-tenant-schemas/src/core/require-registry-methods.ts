import { TenancyOptionsError } from '../errors/tenancy-options.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type {
  TenantAnnouncer,
  TenantReader,
  TenantRegistry,
  TenantWriter,
} from '../interfaces/tenant-registry.interface.js';

type RegistryMethods<T extends Tenant> = Omit<TenantReader<T>, 'findBySchema'> &
  TenantWriter<T> &
  TenantAnnouncer;

/** Maps each method to its use, for error messages. */
const PURPOSES: Readonly<Record<keyof RegistryMethods<Tenant>, string>> = {
  find: 'look up the tenant of a request',
  all: 'list the tenants whose schemas it migrates',
  findByName: 'look up a tenant by its name',
  insert: 'create or clone a tenant',
  update: 'change or rename a tenant',
  remove: 'drop a tenant',
  notifyChange: "announce that a tenant's cached data changed",
  onChange: 'drop cached data of a tenant that changed',
};

/**
 * Returns the registry, typed with the required methods.
 *
 * @throws TenancyOptionsError names the first missing method
 */
export function requireRegistryMethods<T extends Tenant, K extends keyof RegistryMethods<Tenant>>(
  registry: TenantRegistry<T>,
  ...methods: readonly K[]
): TenantRegistry<T> & Pick<RegistryMethods<T>, K> {
  const found = registry as Partial<RegistryMethods<T>> | undefined;
  const missing = methods.find((method) => typeof found?.[method] !== 'function');
  if (missing === undefined) return registry as TenantRegistry<T> & Pick<RegistryMethods<T>, K>;
  throw new TenancyOptionsError(
    'TenantModule: registry',
    `has no method ${missing}(), which is needed to ${PURPOSES[missing]}. Implement it (see TenantRegistry).`,
  );
}
