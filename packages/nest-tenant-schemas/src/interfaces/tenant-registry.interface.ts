import type { EntityManager } from 'typeorm';
import type { Tenant } from './tenant.interface.js';

/** Columns of a tenant's row that can change: all but its id. */
export type TenantChanges<T extends Tenant> = Partial<Omit<T, 'id'>>;

/** Reads the table of tenants. The engine calls it outside every tenant. */
export interface TenantReader<T extends Tenant = Tenant> {
  /** Returns the tenant of that id, or undefined. `id` is a UUID in lower case. */
  find(id: string): Promise<T | undefined>;

  /** Returns all tenants in a stable order, without holding them all in memory. */
  all(): AsyncIterable<T>;
}

/** Writes the table of tenants. `insert`, `update` and `remove` take part in the engine's transaction. */
export interface TenantWriter<T extends Tenant = Tenant> {
  /** Returns the tenant of exactly that name, or undefined. The application decides what a name is. */
  findByName(name: string): Promise<T | undefined>;

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
   * @param changes the columns that differ from `tenant`; nothing changes if it is empty
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
}

/**
 * Announces changes of tenants, so that every process drops what it caches of them. A registry needs this part only if
 * changes are announced otherwise than by PostgreSQL: see the option `changeListener` of `TenantModule`.
 */
export interface TenantAnnouncer {
  /**
   * Announces to every process that cached data of a tenant changed, also if only the tenant's own tables changed.
   * `onChange` calls its subscribers once the manager's transaction is committed.
   */
  notifyChange(manager: EntityManager, tenant: Pick<Tenant, 'id'>): Promise<void>;

  /**
   * Subscribes to changes that this process or another one announced. The callback gets the id of the tenant, or no id
   * if any tenant may have changed.
   *
   * @returns ends the subscription
   */
  onChange(callback: (id?: string) => void): () => void;
}

/**
 * The table of tenants: the engine's one port, which the application implements over a table in a shared schema.
 * Reading is enough to serve requests and to migrate schemas. An operation that needs another method fails without it,
 * before it sends a statement, with an error that names the method.
 */
export interface TenantRegistry<T extends Tenant = Tenant>
  extends TenantReader<T>, Partial<TenantWriter<T>>, Partial<TenantAnnouncer> {}
