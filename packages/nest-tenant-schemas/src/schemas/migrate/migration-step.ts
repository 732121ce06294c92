import pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { clientOf } from '../../connection/client/client-of.js';
import { requireSessions } from '../../connection/pool/transaction-pooler.js';
import { type NamedMigration, planMigrations } from '../../core/migration-history.js';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { joinStatements } from '../../core/sql/statement-batch.js';
import { MigrationFailedError } from '../../errors/schemas/migration-failed.error.js';
import { RevertBlockedError } from '../../errors/schemas/revert-blocked.error.js';
import { SchemaAheadError } from '../../errors/schemas/schema-ahead.error.js';
import { TransactionEndedError } from '../../errors/schemas/transaction-ended.error.js';
import {
  assertSchemaExists,
  type DropMarker,
  readDropMarker,
  readDropMarkerStatement,
} from '../lifecycle/drop-steps.js';
import {
  appliedNames,
  beginStatements,
  createMigrationsTableStatement,
  type MigrationsRow,
  readMigrationsTable,
  readStatement,
  recordStatements,
  removeStatements,
} from '../catalog/migrations-table.js';
import { TenantRoles } from '../roles/tenant-roles.js';
import { lockExtensions } from '../session/extension-lock.js';
import { type RunMigration, SchemaSession } from '../session/schema-session.js';
import { inLockedSession, lockedTransaction, type SchemaTarget } from '../catalog/schema-target.js';

/** Reports what a step did. */
export interface StepResult {
  /** The applied or reverted migration, or undefined if none was left. */
  readonly name: string | undefined;
  /** Whether more migrations are left. */
  readonly hasMore: boolean;
}

/** Describes the work on one migration, according to the migrations table. */
interface Plan extends StepResult {
  /** The migration to run, or undefined if none is left. */
  readonly next?: NamedMigration;
  /** Names of the other applied migrations. */
  readonly others: readonly string[];
}

/** Describes a step whose migration may have to continue outside a transaction. */
interface Step extends StepResult {
  readonly outsideTransaction?: NamedMigration;
}

/** Describes a direction: what runs, and how the migrations table changes after it. */
interface Direction {
  readonly run: RunMigration;
  readonly record: (
    target: SchemaTarget,
    others: readonly string[],
    name: string,
  ) => readonly string[];
}

const UP: Direction = {
  run: (migration, queryRunner) => migration.up(queryRunner),
  record: (target, others, name) => recordStatements(target, others, [name]),
};
const DOWN: Direction = {
  run: (migration, queryRunner) => migration.down(queryRunner),
  record: (target, others, name) => removeStatements(target, name, others),
};

/**
 * Applies and reverts one migration at a time in one schema. The schema is always before or after a
 * migration.
 */
export class MigrationStep {
  constructor(
    private readonly dataSource: DataSource,
    private readonly target: SchemaTarget,
    private readonly history: readonly NamedMigration[],
  ) {}

  /**
   * Applies the first pending migration.
   *
   * @param isFake whether to record it without running it
   * @throws SchemaAheadError, MigrationFailedError
   * @throws TenantNotFoundError when the schema does not exist, or is being dropped in steps
   */
  apply(isFake = false): Promise<StepResult> {
    return this.step(UP, (rows) => this.planApply(appliedNames(rows)), isFake);
  }

  /**
   * Reverts the migration that began last. A migration that is half done is therefore reverted before earlier
   * ones.
   *
   * @param chosen names that may be reverted. The schema stays unchanged if it has none of them
   * @throws SchemaAheadError when the code does not have the migration
   * @throws RevertBlockedError when another migration began after the last of them
   * @throws MigrationFailedError
   * @throws TenantNotFoundError when the schema does not exist, or is being dropped in steps
   */
  revert(chosen: ReadonlySet<string>): Promise<StepResult> {
    return this.step(DOWN, (rows) => this.planRevert(rows, chosen), false);
  }

  /** Runs a step in two messages if the migration needs no results: lock and read, then all changes. */
  private async step(
    direction: Direction,
    planOf: (rows: readonly MigrationsRow[]) => Plan,
    isFake: boolean,
  ): Promise<StepResult> {
    const step = await SchemaSession.run(this.dataSource, this.target, (session) =>
      this.inSession(session, direction, planOf, isFake),
    );
    const { outsideTransaction, ...result } = step;
    if (!outsideTransaction || (await this.runOutsideTransaction(outsideTransaction, direction)))
      return result;
    return this.step(direction, planOf, isFake);
  }

  private async inSession(
    session: SchemaSession,
    { run, record }: Direction,
    planOf: (rows: readonly MigrationsRow[]) => Plan,
    isFake: boolean,
  ): Promise<Step> {
    const { target } = this;
    let running: NamedMigration | undefined;
    try {
      return await session.transaction(async (): Promise<Step> => {
        const recorded = await this.readMigrationsTable(session);
        const { next, others, ...result } = planOf(recorded ?? []);
        if (!next) return result;
        if (!recorded) session.add(...this.createMigrationsTable());
        if (next.migration.transaction === false && !isFake) {
          await this.assertMayRunOutside(next);
          session.add(...beginStatements(target, next.name, others));
          return { ...result, outsideTransaction: next };
        }
        running = next;
        if (!isFake) await session.migrate(next, run);
        session.add(...record(target, others, next.name));
        return result;
      });
    } catch (error) {
      // The server rejected a statement that was sent together with the migration's own.
      if (running && error instanceof pg.DatabaseError) throw session.failed(running.name, error);
      throw error;
    }
  }

  /**
   * Reads the migrations table under the lock, because another run may have changed it during the wait.
   *
   * @returns undefined if the schema has no migrations table yet
   * @throws TenantNotFoundError when the schema does not exist, or is being dropped in steps
   */
  private async readMigrationsTable(
    session: SchemaSession,
  ): Promise<readonly MigrationsRow[] | undefined> {
    const { target } = this;
    try {
      const [marker, recorded] = await session.send(
        readDropMarkerStatement(target.schema),
        readStatement(target),
      );
      assertSchemaExists(target, marker?.rows[0] as DropMarker | undefined);
      return recorded?.rows as MigrationsRow[];
    } catch (error) {
      if ((error as { code?: unknown }).code !== POSTGRES_ERROR.undefinedTable) throw error;
    }
    await session.rollback();
    session.begin();
    const [marker] = await session.send(readDropMarkerStatement(target.schema));
    assertSchemaExists(target, marker?.rows[0] as DropMarker | undefined);
    return undefined;
  }

  private createMigrationsTable(): readonly string[] {
    const { target } = this;
    const roles = TenantRoles.of(this.dataSource);
    return [
      createMigrationsTableStatement(target),
      ...(roles ? [roles.revokeMigrationsTableStatement(target)] : []),
    ];
  }

  /** @throws SchemaAheadError */
  private planApply(applied: readonly string[]): Plan {
    const { pending, unknown } = planMigrations(this.history, applied);
    if (unknown.length > 0) throw new SchemaAheadError(this.target.schema, unknown);
    const [next] = pending;
    const result = { name: next?.name, hasMore: pending.length > 1, others: applied };
    return next ? { ...result, next } : result;
  }

  /** @throws SchemaAheadError, RevertBlockedError */
  private planRevert(rows: readonly MigrationsRow[], chosen: ReadonlySet<string>): Plan {
    const name = rows.at(-1)?.name;
    if (name === undefined) return { name, hasMore: false, others: [] };
    const next = this.history.find((named) => named.name === name);
    if (!next) throw new SchemaAheadError(this.target.schema, [name]);
    const last = rows.findLastIndex((row) => chosen.has(row.name));
    const [blocked, ...later] = rows.slice(Math.max(0, last));
    if (last === -1 || !blocked) return { name: undefined, hasMore: false, others: [] };
    if (later.length > 0) {
      const names = later.map((row) => row.name);
      throw new RevertBlockedError(this.target.schema, blocked.name, names);
    }
    const others = appliedNames(rows.slice(0, -1));
    return { name, hasMore: rows.length > 1, next, others };
  }

  /**
   * Asserts a direct connection, before the migration is recorded as half done.
   *
   * @throws MigrationFailedError behind a transaction pooler
   */
  private assertMayRunOutside({ name }: NamedMigration): Promise<void> {
    return requireSessions(this.dataSource).catch((error: unknown) => {
      throw new MigrationFailedError(this.target.schema, name, error);
    });
  }

  /**
   * Runs a migration that is recorded as half done, statement by statement, and then updates the migrations
   * table.
   *
   * @returns false if another run has completed it meanwhile, in either direction
   */
  private runOutsideTransaction(
    { name, migration }: NamedMigration,
    { run, record }: Direction,
  ): Promise<boolean> {
    const { target } = this;
    return inLockedSession(this.dataSource, target, async (queryRunner) => {
      const rows = await readMigrationsTable(queryRunner, target);
      if (!rows.some((row) => row.name === name && !row.done)) return false;
      lockExtensions(queryRunner);
      try {
        await run(migration, queryRunner);
        if (isInTransaction(queryRunner)) throw TransactionEndedError.leftOpen();
      } catch (error) {
        if (isInTransaction(queryRunner))
          await queryRunner.query('ROLLBACK').catch(() => undefined);
        throw new MigrationFailedError(target.schema, name, error, 'half done');
      }
      // Without the lock, another run that has read the table could record the migration as half done again.
      await lockedTransaction(queryRunner, target, async () => {
        assertSchemaExists(target, await readDropMarker(queryRunner, target));
        await queryRunner.query(joinStatements(record(target, appliedNames(rows), name)));
      });
      return true;
    });
  }
}

function isInTransaction(queryRunner: QueryRunner): boolean {
  return clientOf(queryRunner)?.isInTransaction === true;
}
