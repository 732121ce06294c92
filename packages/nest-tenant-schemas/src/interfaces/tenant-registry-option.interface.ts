import type { EntityTarget } from 'typeorm';
import type { TenantRegistry } from './tenant-registry.interface.js';
import type { Tenant } from './tenant.interface.js';

/**
 * Says where the tenants are:
 *
 * - `{ entity }`: in the table of an entity of yours with the columns `id` and `schema`, in a shared schema
 * - `{ tenants }`: in a fixed list
 * - a class: a provider of yours, which Nest creates with what `TenantModule` can inject, for example `DataSource`
 * - an object: an implementation of `TenantRegistry`
 */
export type TenantRegistryOption<T extends Tenant = Tenant> =
  | TenantRegistry<T>
  | (new (...dependencies: never[]) => TenantRegistry<T>)
  | { readonly entity: EntityTarget<T> }
  | { readonly tenants: readonly T[] };
