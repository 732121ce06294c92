import type { DataSource, QueryRunner } from 'typeorm';
import { TENANT_SCHEMA } from '../core/marker.js';
import { POSTGRES_ERROR } from '../core/postgres-error-codes.js';
import { quoteIdentifier } from '../core/quote-identifier.js';
import { assertSchemaName } from '../core/schema-name.js';
import { joinStatements } from '../core/statement-batch.js';
import { DropBlockedError } from '../errors/drop-blocked.error.js';
import { TenantConflictError } from '../errors/tenant-conflict.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { TenantRegistry } from '../interfaces/tenant-registry.interface.js';
import { TenantRoles } from './roles/tenant-roles.js';
import { batchesOf, locksOf, readDropSteps, readLockCapacity } from './drop-steps.js';
import { underLocks } from './schema-locks.js';
import { tenantTarget } from './schema-target.js';

export interface SchemaDropperOptions {
  /** Milliseconds to wait for others to leave the schema alone. Default 10,000. */
  readonly lockTimeoutMs?: number;
  /**
   * Most locks that one transaction takes; a schema that needs more is dropped in steps. Default a quarter
   * of those that the server has for all sessions.
   */
  readonly maxLocks?: number;
}

/** Of the server's lock table, which all sessions share, a drop takes at most this part. */
const SHARE_OF_LOCKS = 1 / 4;

/** Belongs to nobody. */
const NO_ID = '00000000-0000-0000-0000-000000000000';

/** Drops tenants. Whatever fails, dropping again goes on from there. */
export class SchemaDropper<T extends Tenant = Tenant> {
  private readonly lockTimeoutMs: number;

  constructor(
    private readonly dataSource: DataSource,
    private readonly registry: TenantRegistry<T>,
    private readonly options: SchemaDropperOptions = {},
  ) {
    this.lockTimeoutMs = options.lockTimeoutMs ?? 10_000;
  }

  /**
   * Drops a tenant's row, its role, and its schema with all that is in it: in one transaction, unless that would take
   * more locks than the server has room for. Then the row goes first, so that nobody is sent there any more,
   * and the schema in several transactions.
   *
   * @throws DropBlockedError when others use the schema for longer than the timeout
   */
  async drop(tenant: T): Promise<void> {
    const isDropped = await this.inTransaction(tenant, async (queryRunner) => {
      await this.registry.remove(queryRunner.manager, tenant);
      return this.dropIfSmall(queryRunner, tenant);
    });
    if (!isDropped) await this.dropInSteps(tenant);
  }

  /**
   * Drops a schema that no tenant has, and its role: what is left where a drop was ended in the middle.
   *
   * @throws SchemaNameInvalidError before anything is sent
   * @throws TenantConflictError when a tenant has it
   * @throws DropBlockedError when others use the schema for longer than the timeout
   */
  async dropOrphan(schema: string): Promise<void> {
    assertSchemaName(schema);
    for await (const tenant of this.registry.schemas()) {
      if (tenant.schema === schema) throw new TenantConflictError(`schema "${schema}"`);
    }
    await this.dropInSteps({ id: NO_ID, schema });
  }

  /** @returns whether it was dropped: not when that would take too many locks */
  private async dropIfSmall(queryRunner: QueryRunner, { schema }: Tenant): Promise<boolean> {
    const steps = await readDropSteps(queryRunner, schema);
    if (locksOf(steps) > (await this.maxLocks(queryRunner))) return false;
    await queryRunner.query(`DROP SCHEMA IF EXISTS ${quoteIdentifier(TENANT_SCHEMA)} CASCADE`);
    const roles = TenantRoles.of(this.dataSource);
    await roles?.drop(queryRunner, roles.nameOf(schema));
    return true;
  }

  private async dropInSteps(tenant: Tenant): Promise<void> {
    const batches = await this.inTransaction(tenant, async (queryRunner) =>
      batchesOf(await readDropSteps(queryRunner, tenant.schema), await this.maxLocks(queryRunner)),
    );
    for (const batch of batches) {
      await this.inTransaction(tenant, async (queryRunner) => {
        await queryRunner.query(joinStatements(batch.map(({ statement }) => statement)));
      });
    }
    // What is left takes few locks, unless somebody made more meanwhile.
    const isDropped = await this.inTransaction(tenant, (queryRunner) =>
      this.dropIfSmall(queryRunner, tenant),
    );
    if (!isDropped) await this.dropInSteps(tenant);
  }

  private async maxLocks(queryRunner: QueryRunner): Promise<number> {
    return (
      this.options.maxLocks ?? Math.floor((await readLockCapacity(queryRunner)) * SHARE_OF_LOCKS)
    );
  }

  private async inTransaction<R>(
    tenant: Tenant,
    work: (queryRunner: QueryRunner) => Promise<R>,
  ): Promise<R> {
    const { lockTimeoutMs } = this;
    try {
      return await underLocks(this.dataSource, tenantTarget(tenant), { lockTimeoutMs }, work);
    } catch (error) {
      if ((error as { code?: unknown }).code !== POSTGRES_ERROR.lockNotAvailable) throw error;
      throw new DropBlockedError(tenant.schema, lockTimeoutMs, { cause: error });
    }
  }
}
