import type { DataSource } from 'typeorm';
import { plainDataSourceOf } from '../../../connection/typeorm/bound-scope.js';
import { POSTGRES_ERROR } from '../../../core/postgres-error-codes.js';
import { assertSchemaName } from '../../../core/names/schema-name.js';
import { requireRegistryMethods } from '../../../core/require-registry-methods.js';
import { TenantNotFoundError } from '../../../errors/tenant-not-found.error.js';
import type { Tenant } from '../../../interfaces/tenant.interface.js';
import type {
  TenantChanges,
  TenantRegistry,
} from '../../../interfaces/tenant-registry.interface.js';
import { type RenameOptions, renameSchema } from './rename-schema.js';
import { TenantRoles } from '../../roles/tenant-roles.js';
import { underLocks } from '../../catalog/schema-locks.js';
import { tenantTarget } from '../../catalog/schema-target.js';
import { conflictOr } from '../tenant-provisioner.js';

/** Is a name that a schema has only within a transaction that is rolled back. */
const TRIAL_NAME = 'tenant_schemas_rename_trial';

/** Rolls a trial back. */
class TrialRolledBack extends Error {
  constructor(readonly kept: readonly string[]) {
    super('The trial of a rename is over.');
  }
}

/** Configures the rename of a tenant. */
export interface TenantRenameOptions extends RenameOptions {
  /** Receives the objects that keep the old name after a forced rename. */
  readonly onKept?: (objects: readonly string[]) => void;
}

/** Renames tenants and their schemas. */
export class TenantRenamer<T extends Tenant = Tenant> {
  private readonly dataSource: DataSource;

  constructor(
    dataSource: DataSource,
    private readonly registry: TenantRegistry<T>,
  ) {
    this.dataSource = plainDataSourceOf(dataSource);
  }

  /**
   * Changes a tenant's row. If the schema's name changes, the same transaction renames the schema, its role
   * and the references to it. Running transactions on the old name continue. Their next statements fail with
   * 42P01, until the tenant is looked up again.
   *
   * @param changes the new values: `{ schema: 'acme' }`, or columns of the application's own
   * @returns the changed tenant
   * @throws TenancyOptionsError before a statement is sent, if the registry has no `update`
   * @throws SchemaNameInvalidError before a statement is sent
   * @throws TenantNotFoundError when the tenant does not exist, or has another schema by now
   * @throws TenantConflictError when its new name or schema is taken
   * @throws RenameRefusedError when an object would keep the schema's old name, unless `force` is set
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
   * Lists objects that would keep the name of a tenant's schema, and so prevent its rename. It renames the
   * schema and rolls that back.
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
