import type { EntityManager } from 'typeorm';
import type { Tenant } from './tenant.interface.js';

/** What of a tenant may become other: everything but its identity. */
export type TenantChanges<T extends Tenant> = Partial<Omit<T, 'id'>>;

/**
 * Who exists. The engine's one port: the application implements it over its own table of tenants, in a
 * shared schema. Reads run outside every tenant; `insert`, `update` and `remove` join the engine's transaction.
 */
export interface TenantRegistry<T extends Tenant = Tenant> {
  /** The tenant of that id, or undefined. `id` is a UUID in lower case. */
  find(id: string): Promise<T | undefined>;

  /** The tenant of exactly that name, whatever a name is to the application, or undefined. */
  findByName(name: string): Promise<T | undefined>;

  /** All tenants, in a stable order, without holding them all in memory. */
  schemas(): AsyncIterable<T>;

  /**
   * Adds the tenant's row, through the manager only. A creation calls it twice: first to find a conflict early, in a
   * savepoint that it rolls back, and then in its last transaction.
   *
   * @throws TenantConflictError when its id, name or schema is taken
   */
  insert(manager: EntityManager, tenant: T): Promise<void>;

  /**
   * Changes the tenant's row, if it still has the schema that `tenant` has.
   *
   * @param changes what becomes other than in `tenant`; nothing if it is empty
   * @returns whether there is such a row
   * @throws TenantConflictError when its new name or schema is taken
   */
  update(manager: EntityManager, tenant: T, changes: TenantChanges<T>): Promise<boolean>;

  /**
   * Removes the tenant's row, if it still has the schema that `tenant` has.
   *
   * @returns whether there was such a row
   */
  remove(manager: EntityManager, tenant: T): Promise<boolean>;

  /**
   * Tells every process that something of a tenant changed that may be remembered, be it in the tenant's own
   * tables: `onChange` calls back there once the manager's transaction is committed.
   */
  notifyChange(manager: EntityManager, tenant: Pick<T, 'id'>): Promise<void>;

  /**
   * Calls back when a tenant, or what is remembered of it, may have changed, in this process or another: with its id, or without one
   * when any may have.
   *
   * @returns ends the subscription
   */
  onChange(callback: (id?: string) => void): () => void;

  /**
   * Calls back whenever it is known that every change until now was announced. Whatever is remembered is then trusted as if it had
   * just been read. A registry that cannot know has none: each tenant is then asked for again after its lifetime.
   *
   * @returns ends the subscription
   */
  onConfirmed?(callback: () => void): () => void;
}
