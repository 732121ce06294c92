import type { DataSource } from 'typeorm';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { assertSchemaName } from '../../core/names/schema-name.js';
import { requireRegistryMethods } from '../../core/require-registry-methods.js';
import { TenantNotFoundError } from '../../errors/tenant-not-found.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import type { TenantChanges, TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import { type RenameOptions, renameSchema } from './rename-schema.js';
import { TenantRoles } from '../roles/tenant-roles.js';
import { underLocks } from '../catalog/schema-locks.js';
import { tenantTarget } from '../catalog/schema-target.js';
import { conflictOr } from './tenant-provisioner.js';

/** A name that no schema has for longer than a transaction that is rolled back. */
const TRIAL_NAME = 'tenant_schemas_rename_trial';

/** Thrown to undo a trial. */
class TrialRolledBack extends Error {
  constructor(readonly kept: readonly string[]) {
    super('The trial of a rename is over.');
  }
}

export interface TenantRenameOptions extends RenameOptions {
  /** Gets the objects that keep the old name after a forced rename. */
  readonly onKept?: (objects: readonly string[]) => void;
}

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
   * @throws TenancyOptionsError before anything is sent, if the registry has no `update`
   * @throws SchemaNameInvalidError before anything is sent
   * @throws TenantNotFoundError when the tenant does not exist, or has another schema by now
   * @throws TenantConflictError when its new name or schema is taken
   * @throws RenameRefusedError when something would keep the schema's old name, unless forced
   */
  async rename(
    tenant: T,
    changes: TenantChanges<T>,
    { onKept, ...options }: TenantRenameOptions = {},
  ): Promise<T> {
    const registry = requireRegistryMethods(this.registry, 'update');
    const renamed = Object.assign(
      Object.create(Object.getPrototypeOf(tenant)),
      tenant,
      changes,
    ) as T;
    const [from, to] = [tenant.schema, renamed.schema];
    assertSchemaName(from);
    assertSchemaName(to);
    let kept: readonly string[] = [];
    try {
      await underLocks(
        this.dataSource,
        tenantTarget(tenant),
        { alsoLock: [to] },
        async (queryRunner) => {
          if (!(await registry.update(queryRunner.manager, tenant, changes))) {
            throw new TenantNotFoundError(`There is no tenant ${tenant.id} with schema "${from}".`);
          }
          if (from === to) return;
          kept = await renameSchema(queryRunner, from, to, options);
          await TenantRoles.of(this.dataSource)?.rename(queryRunner, from, to);
        },
      );
    } catch (error) {
      if ((error as { code?: unknown }).code === POSTGRES_ERROR.undefinedSchema) {
        throw new TenantNotFoundError(`There is no schema "${from}".`);
      }
      throw conflictOr(error, to);
    }
    if (kept.length > 0) onKept?.(kept);
    return renamed;
  }

  /**
   * Objects that would keep the name of a tenant's schema, and so hold its rename up: found by a rename that is rolled
   * back.
   */
  async readObstacles(tenant: Tenant): Promise<readonly string[]> {
    try {
      return await underLocks(
        this.dataSource,
        tenantTarget(tenant),
        {},
        async (queryRunner): Promise<never> => {
          const { schema } = tenant;
          throw new TrialRolledBack(
            await renameSchema(queryRunner, schema, TRIAL_NAME, { force: true }),
          );
        },
      );
    } catch (error) {
      if (error instanceof TrialRolledBack) return error.kept;
      throw error;
    }
  }
}
