import type { DataSource, QueryRunner } from 'typeorm';
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

export interface SchemaDropperOptions {
  /** Milliseconds to wait for others to leave the schema alone. Default 10,000. */
  readonly lockTimeoutMs?: number;
  /**
   * Most locks that one transaction takes; a schema that needs more is dropped in steps. Default a quarter
   * of those that the server has for all sessions.
   */
  readonly maxLocks?: number;
  /**
   * Whether objects outside of the schema that depend on it are dropped too: views and foreign keys of other
   * schemas, columns of its types. Default false: then they block the drop.
   */
  readonly cascade?: boolean;
}

/** Of the server's lock table, which all sessions share, a drop takes at most this part. */
const SHARE_OF_LOCKS = 1 / 4;

/** Belongs to nobody. */
const NO_ID = '00000000-0000-0000-0000-000000000000';

const HALF = 'half dropped';

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
   * and the schema in several transactions. A tenant that is gone already is no error; a schema that somebody else
   * has got meanwhile is left alone.
   *
   * @throws TenancyOptionsError before anything is sent, if the registry has no `remove`
   * @throws TenantNotFoundError when the tenant has another schema by now: nothing was dropped
   * @throws DropBlockedError when others use the schema for longer than the timeout, or objects outside depend on it
   */
  async drop(tenant: T): Promise<void> {
    const registry = requireRegistryMethods(this.registry, 'remove');
    const state = await this.inTransaction(tenant, async (queryRunner) => {
      // Under the schema's lock: whoever held it may have renamed the tenant, or made a new one.
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
   * Drops a schema that no tenant has, and its role: what is left where a drop was ended in the middle.
   *
   * @throws SchemaNameInvalidError before anything is sent
   * @throws TenantConflictError when a tenant has it
   * @throws DropBlockedError when others use the schema for longer than the timeout, or objects outside depend on it
   */
  async dropOrphan(schema: string): Promise<void> {
    assertSchemaName(schema);
    const orphan = { id: NO_ID, schema };
    const read = (queryRunner: QueryRunner): Promise<string | undefined> =>
      readNamespaceId(queryRunner, schema);
    const before = await this.inTransaction(orphan, read);
    for await (const tenant of this.registry.all()) {
      if (tenant.schema === schema) throw new TenantConflictError(`schema "${schema}"`);
    }
    await this.inTransaction(orphan, async (queryRunner) => {
      // As long as it is the same one nobody can have got it.
      const isSame = before !== undefined && (await read(queryRunner)) === before;
      if (!isSame) return;
      await this.assertNothingOutside(queryRunner, orphan);
      await queryRunner.query(DROP_MARKER_STATEMENT);
    });
    await this.dropInSteps(orphan);
  }

  /**
   * Drops a schema that an attempt at making it has left unfinished, and its role.
   *
   * @param marker the comment of its migrations table, as that attempt wrote it; another schema is left alone
   * @throws DropBlockedError when others use the schema for longer than the timeout
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

  /** @returns whether it was dropped: not when that would take too many locks */
  private async dropIfSmall(
    queryRunner: QueryRunner,
    { schema }: Tenant,
    left?: DropBlockedError['left'],
  ): Promise<boolean> {
    const steps = await readDropSteps(queryRunner, schema);
    if (locksOf(steps) > (await this.maxLocks(queryRunner))) return false;
    // By itself it would take what depends on the tables ahead of them, as an INSERT takes a table's sequence after it.
    await lockTables(queryRunner, schema, this.lockTimeoutMs);
    // Behind the locks: from now on no view and no foreign key can come to depend on the tables.
    await this.assertNothingOutside(queryRunner, { schema }, left);
    await queryRunner.query(`DROP SCHEMA IF EXISTS ${quoteIdentifier(TENANT_SCHEMA)} CASCADE`);
    const roles = TenantRoles.of(this.dataSource);
    await roles?.drop(queryRunner, roles.nameOf(schema));
    return true;
  }

  /** Part of the transaction that drops, as each of its statements has CASCADE for what the schema has in itself. */
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

  /** Several may drop at once; who comes last must not take a new schema of the same name for the old one. */
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
    // What is left takes few locks, unless somebody made more meanwhile.
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
