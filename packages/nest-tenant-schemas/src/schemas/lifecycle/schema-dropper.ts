import { allTenants } from '../../context/all-tenants.js';
import type { DataSource, QueryRunner } from 'typeorm';
import { plainDataSourceOf } from '../../connection/typeorm/bound-scope.js';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { assertSchemaName } from '../../core/names/schema-name.js';
import { joinStatements } from '../../core/sql/statement-batch.js';
import { requireRegistryMethods } from '../../core/require-registry-methods.js';
import { DropBlockedError } from '../../errors/schemas/drop-blocked.error.js';
import { TenantConflictError } from '../../errors/tenant-conflict.error.js';
import { TenantNotFoundError } from '../../errors/tenant-not-found.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import type { TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import { readCommentStatement } from '../catalog/migrations-table-comment.js';
import {
  batchesOf,
  locksOf,
  DROP_MARKER_STATEMENT,
  readDropSteps,
  readLockCapacity,
  readDropMarker,
  readNamespaceId,
} from './drop-steps.js';
import { isInUse, lockTables } from '../catalog/lock-tables.js';
import { type CatalogueObject, readOutsideObjects } from './outside-objects.js';
import { TenantRoles } from '../roles/tenant-roles.js';
import { underLocks } from '../catalog/schema-locks.js';
import { tenantTarget } from '../catalog/schema-target.js';

/** Configures the drop of a tenant or a schema. */
export interface SchemaDropperOptions {
  /** Limits the wait for other sessions that use the schema, in milliseconds. Default 10 000. */
  readonly lockTimeoutMs?: number;
  /**
   * Limits the locks of one transaction. A schema that needs more is dropped in steps. Default: a quarter of
   * the server's locks for all sessions.
   */
  readonly maxLocks?: number;
  /**
   * Whether to drop dependent objects outside the schema too. These are views and foreign keys of other
   * schemas, and columns of its types. Default false: such objects block the drop.
   */
  readonly cascade?: boolean;
}

/** Limits the part of the server's lock table that a drop takes, because all sessions share that table. */
const SHARE_OF_LOCKS = 1 / 4;

/** Is an id that no tenant has. */
const NO_ID = '00000000-0000-0000-0000-000000000000';

const HALF = 'half dropped';

/** Drops tenants. After any failure, another drop continues where it stopped. */
export class SchemaDropper<T extends Tenant = Tenant> {
  private readonly lockTimeoutMs: number;

  private readonly dataSource: DataSource;

  constructor(
    dataSource: DataSource,
    private readonly registry: TenantRegistry<T>,
    private readonly options: SchemaDropperOptions = {},
  ) {
    this.dataSource = plainDataSourceOf(dataSource);
    this.lockTimeoutMs = options.lockTimeoutMs ?? 10_000;
  }

  /**
   * Drops a tenant's row, its role, and its schema with all objects, in one transaction. If that would take
   * too many locks, it first removes the row, so that no request reaches the schema. It then drops the schema
   * in several transactions.
   *
   * A missing tenant is not an error. If another tenant has taken the schema meanwhile, the schema stays.
   *
   * @throws TenancyOptionsError before a statement is sent, if the registry has no `remove`
   * @throws TenantNotFoundError when the tenant has another schema by now: nothing was dropped
   * @throws DropBlockedError when other sessions use the schema for too long, or objects outside depend on it
   */
  async drop(tenant: T): Promise<void> {
    const registry = requireRegistryMethods(this.registry, 'remove');
    const state = await this.inTransaction(tenant, async (queryRunner) => {
      // Another holder of the lock may have renamed the tenant, or created a new one.
      if (!(await registry.remove(queryRunner.manager, tenant))) {
        return (await readDropMarker(queryRunner, tenant))?.isMarked ? 'marked' : 'not there';
      }
      if (await this.dropIfSmall(queryRunner, tenant)) return 'dropped';
      await this.assertNothingOutside(queryRunner, tenant);
      await queryRunner.query(DROP_MARKER_STATEMENT);
      return 'marked';
    });
    if (state === 'marked') await this.dropInSteps(tenant);
    if (state === 'not there') await this.assertTenantDeleted(tenant);
  }

  /**
   * Drops a schema that no tenant has, and its role, for example after an interrupted drop.
   *
   * @throws SchemaNameInvalidError before a statement is sent
   * @throws TenantConflictError when a tenant has the schema
   * @throws DropBlockedError when other sessions use the schema for too long, or objects outside depend on it
   */
  async dropOrphan(schema: string): Promise<void> {
    assertSchemaName(schema);
    const orphan = { id: NO_ID, schema };
    const read = (queryRunner: QueryRunner): Promise<string | undefined> =>
      readNamespaceId(queryRunner, schema);
    const before = await this.inTransaction(orphan, read);
    for await (const tenant of allTenants(this.registry)) {
      if (tenant.schema === schema) throw new TenantConflictError(`schema "${schema}"`);
    }
    await this.inTransaction(orphan, async (queryRunner) => {
      // While the oid is the same, no tenant can have taken the schema.
      const isSame = before !== undefined && (await read(queryRunner)) === before;
      if (!isSame) return;
      await this.assertNothingOutside(queryRunner, orphan);
      await queryRunner.query(DROP_MARKER_STATEMENT);
    });
    await this.dropInSteps(orphan);
  }

  /**
   * Drops a schema that an attempt to create it left unfinished, and its role.
   *
   * @param marker the comment of its migrations table, from that attempt. Another schema stays unchanged
   * @throws DropBlockedError when other sessions use the schema for longer than the timeout
   */
  async dropUnfinished(schema: string, marker: string): Promise<void> {
    const orphan = { id: NO_ID, schema };
    const isLeft = await this.inTransaction(orphan, async (queryRunner) => {
      const [found] = (await queryRunner.query(readCommentStatement(schema))) as {
        comment: unknown;
      }[];
      if (found?.comment !== marker || (await this.dropIfSmall(queryRunner, orphan))) return false;
      await queryRunner.query(DROP_MARKER_STATEMENT);
      return true;
    });
    if (isLeft) await this.dropInSteps(orphan);
  }

  /** @returns whether it was dropped. False if that would take too many locks */
  private async dropIfSmall(
    queryRunner: QueryRunner,
    { schema }: Tenant,
    left?: DropBlockedError['left'],
  ): Promise<boolean> {
    const steps = await readDropSteps(queryRunner, schema);
    if (locksOf(steps) > (await this.maxLocks(queryRunner))) return false;
    // DROP SCHEMA alone would lock dependants before their tables. An INSERT locks a table before its
    // sequence, so both could wait for each other.
    await lockTables(queryRunner, { schema, sqlName: TENANT_SCHEMA }, this.lockTimeoutMs);
    // After the locks, no new view and no new foreign key can depend on the tables.
    await this.assertNothingOutside(queryRunner, { schema }, left);
    await queryRunner.query(`DROP SCHEMA IF EXISTS ${quoteIdentifier(TENANT_SCHEMA)} CASCADE`);
    const roles = TenantRoles.of(this.dataSource);
    await roles?.drop(queryRunner, roles.nameOf(schema));
    return true;
  }

  /**
   * Asserts, in the transaction of the drop, that its statements drop nothing outside the schema. They have
   * CASCADE for dependencies within the schema.
   */
  private async assertNothingOutside(
    queryRunner: QueryRunner,
    { schema }: Pick<Tenant, 'schema'>,
    left?: DropBlockedError['left'],
    dropped?: readonly CatalogueObject[],
  ): Promise<void> {
    if (this.options.cascade) return;
    const objects = await readOutsideObjects(queryRunner, schema, dropped);
    if (objects.length > 0) throw new DropBlockedError(schema, { objects }, left);
  }

  private async assertTenantDeleted({ id, schema }: Tenant): Promise<void> {
    const now = await this.registry.find(id);
    if (!now) return;
    throw new TenantNotFoundError(
      `Tenant ${id} no longer has the schema "${schema}", but "${now.schema}". Nothing was dropped.`,
    );
  }

  /**
   * Drops a marked schema in steps. Several drops may run at once, so each step checks the marker. A late one
   * must not drop a new schema with the same name.
   */
  private async dropInSteps(tenant: Tenant): Promise<void> {
    const whileMarked = <R>(
      work: (queryRunner: QueryRunner) => Promise<R>,
    ): Promise<R | undefined> =>
      this.inTransaction(
        tenant,
        async (queryRunner) =>
          (await readDropMarker(queryRunner, tenant))?.isMarked ? work(queryRunner) : undefined,
        HALF,
      );
    const batches = await whileMarked(async (queryRunner) =>
      batchesOf(await readDropSteps(queryRunner, tenant.schema), await this.maxLocks(queryRunner)),
    );
    for (const batch of batches ?? []) {
      await whileMarked(async (queryRunner) => {
        await this.assertNothingOutside(queryRunner, tenant, HALF, batch);
        await queryRunner.query(joinStatements(batch.map(({ statement }) => statement)));
      });
    }
    // The rest takes few locks, unless new objects were created meanwhile.
    const isDropped = await whileMarked((queryRunner) =>
      this.dropIfSmall(queryRunner, tenant, HALF),
    );
    if (isDropped === false) await this.dropInSteps(tenant);
  }

  private async maxLocks(queryRunner: QueryRunner): Promise<number> {
    return (
      this.options.maxLocks ?? Math.floor((await readLockCapacity(queryRunner)) * SHARE_OF_LOCKS)
    );
  }

  private async inTransaction<R>(
    tenant: Tenant,
    work: (queryRunner: QueryRunner) => Promise<R>,
    left?: DropBlockedError['left'],
  ): Promise<R> {
    const { lockTimeoutMs } = this;
    try {
      return await underLocks(this.dataSource, tenantTarget(tenant), { lockTimeoutMs }, work);
    } catch (error) {
      if (!isInUse(error)) throw error;
      throw new DropBlockedError(tenant.schema, { lockTimeoutMs }, left, { cause: error });
    }
  }
}
