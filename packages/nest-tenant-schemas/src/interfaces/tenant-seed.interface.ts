import type { EntityManager } from 'typeorm';
import type { Tenant } from './tenant.interface.js';

/**
 * Writes the rows that every new tenant begins with. It runs in the tenant.
 *
 * @param manager the manager of the transaction that creates the tenant
 */
export type SeedTenant<T extends Tenant = Tenant> = (
  manager: EntityManager,
  tenant: T,
) => Promise<void>;

/**
 * A provider of the application that writes these rows, by its repositories or by the manager. Repositories use a second
 * connection, and transactions of their own. A failure drops their rows with the schema.
 */
export interface TenantSeeder<T extends Tenant = Tenant> {
  seed(manager: EntityManager, tenant: T): Promise<void>;
}

/** A function, or the class of a provider. */
export type TenantSeedOption<T extends Tenant = Tenant> =
  SeedTenant<T> | (new (...args: never[]) => TenantSeeder<T>);
