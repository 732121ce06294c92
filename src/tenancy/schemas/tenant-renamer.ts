import type { DataSource } from 'typeorm';
import { POSTGRES_ERROR } from '../core/postgres-error-codes.js';
import { assertSchemaName } from '../core/schema-name.js';
import { TenantNotFoundError } from '../errors/tenant-not-found.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { TenantChanges, TenantRegistry } from '../interfaces/tenant-registry.interface.js';
import { renameSchema } from './rename-schema.js';
import { TenantRoles } from './roles/tenant-roles.js';
import { underLocks } from './schema-locks.js';
import { tenantTarget } from './schema-target.js';
import { conflictOr } from './tenant-provisioner.js';

/** Gives tenants other names and schemas of other names. */
export class TenantRenamer<T extends Tenant = Tenant> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly registry: TenantRegistry<T>,
  ) {}

  /**
   * Changes a tenant's row and, when its schema becomes another one, renames that with its role and all that
   * names it, in one transaction. Transactions that have begun on the old name go on; their next statements find no table
   * (42P01), until the tenant is looked up again.
   *
   * @param changes what becomes other: `{ schema: 'acme' }`, or columns of the application's own
   * @returns the tenant as it is now
   * @throws SchemaNameInvalidError before anything is sent
   * @throws TenantNotFoundError when the tenant does not exist, or has another schema by now
   * @throws TenantConflictError when its new name or schema is taken
   * @throws RenameRefusedError when something would keep the schema's old name
   */
  async rename(tenant: T, changes: TenantChanges<T>): Promise<T> {
    const renamed = Object.assign(
      Object.create(Object.getPrototypeOf(tenant)),
      tenant,
      changes,
    ) as T;
    const [from, to] = [tenant.schema, renamed.schema];
    assertSchemaName(from);
    assertSchemaName(to);
    try {
      await underLocks(
        this.dataSource,
        tenantTarget(tenant),
        { alsoLock: [to] },
        async (queryRunner) => {
          if (!(await this.registry.update(queryRunner.manager, tenant, changes))) {
            throw new TenantNotFoundError(`There is no tenant ${tenant.id} with schema "${from}".`);
          }
          if (from === to) return;
          await renameSchema(queryRunner, from, to);
          await TenantRoles.of(this.dataSource)?.rename(queryRunner, from, to);
        },
      );
    } catch (error) {
      if ((error as { code?: unknown }).code === POSTGRES_ERROR.undefinedSchema) {
        throw new TenantNotFoundError(`There is no schema "${from}".`);
      }
      throw conflictOr(error, to);
    }
    return renamed;
  }
}
