import type { EntityManager } from 'typeorm';
import type { Tenant } from './tenant.interface.js';

/** Describes the columns of a tenant's row that can change: all except its id. */
export type TenantChanges<T extends Tenant> = Partial<Omit<T, 'id'>>;

/** Reads the table of tenants. The engine calls it outside every tenant. */
export interface TenantReader<T extends Tenant = Tenant> {
  /** Returns the tenant with this id, or undefined. `id` is a UUID in lower case. */
  find(id: string): Promise<T | undefined>;

  /** Returns all tenants in a stable order, without holding them all in memory. */
  all(): AsyncIterable<T>;

  /** Returns the tenant of exactly that schema, or undefined. Optional: the engine reads `all()` without it. */
  findBySchema?(schema: string): Promise<T | undefined>;
}

/** Writes the table of tenants. `insert`, `update` and `remove` take part in the engine's transaction. */
export interface TenantWriter<T extends Tenant = Tenant> {
  /**
   * Returns the tenant with exactly this name, or undefined. The application defines which column is the
   * name.
   */
  findByName(name: string): Promise<T | undefined>;

  /**
   * Adds the tenant's row, only through the given manager. A creation calls it twice. The first call finds a
   * conflict early, in a savepoint that is rolled back. The second call runs in the last transaction.
   *
   * @throws TenantConflictError when its id, name or schema is taken
   */
  insert(manager: EntityManager, tenant: T): Promise<void>;

  /**
   * Changes the tenant's row, if it still has the schema of `tenant`.
   *
   * @param changes the columns that differ from `tenant`. If it is empty, nothing changes
   * @returns whether the row exists
   * @throws TenantConflictError when its new name or schema is taken
   */
  update(manager: EntityManager, tenant: T, changes: TenantChanges<T>): Promise<boolean>;

  /**
   * Removes the tenant's row, if it still has the schema of `tenant`.
   *
   * @returns whether the row existed
   */
  remove(manager: EntityManager, tenant: T): Promise<boolean>;
}

/**
 * Announces changes of tenants, so that every process evicts them from its caches. A registry needs this part
 * only if changes are not announced through PostgreSQL: see the option `changeListener` of `TenantModule`.
 */
export interface TenantAnnouncer {
  /**
   * Announces to every process that cached data of a tenant changed, also if only the tenant's own tables
   * changed. The subscribers of `onChange` are notified after the manager's transaction commits.
   */
  notifyChange(manager: EntityManager, tenant: Pick<Tenant, 'id'>): Promise<void>;

  /**
   * Subscribes to changes that any process announces. The callback receives the id of the tenant, or no id if
   * any tenant may have changed.
   *
   * @returns a function that ends the subscription
   */
  onChange(callback: (id?: string) => void): () => void;
}

/**
 * Connects the engine to the application's table of tenants, which is in a shared schema. Reading is enough
 * to serve requests and to migrate schemas. An operation that needs a missing method fails before it sends a
 * statement. Its error names the method.
 */
export interface TenantRegistry<T extends Tenant = Tenant>
  extends TenantReader<T>, Partial<TenantWriter<T>>, Partial<TenantAnnouncer> {}
