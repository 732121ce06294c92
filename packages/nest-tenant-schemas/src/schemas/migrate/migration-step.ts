import pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { clientOf } from '../../connection/client/client-of.js';
import { requireSessions } from '../../connection/pool/transaction-pooler.js';
import { type NamedMigration, planMigrations } from '../../core/migration-history.js';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { joinStatements } from '../../core/sql/statement-batch.js';
import { MigrationFailedError } from '../../errors/schemas/migration-failed.error.js';
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
import { type RunMigration, SchemaSession } from '../session/schema-session.js';
import { inLockedSession, lockedTransaction, type SchemaTarget } from '../catalog/schema-target.js';

/** What a step did. */
export interface StepResult {
  /** The migration that it applied or reverted, or undefined when there was none left. */
  readonly name: string | undefined;
  /** Whether there are more. */
  readonly hasMore: boolean;
}

/** What to do with one migration, as the migrations table shows. */
interface Plan extends StepResult {
  /** The migration to run, or undefined if there is none. */
  readonly next?: NamedMigration;
  /** Names that are applied besides it. */
  readonly others: readonly string[];
}

/** A step whose migration has to go on outside a transaction, if there is one. */
interface Step extends StepResult {
  readonly outsideTransaction?: NamedMigration;
}

/** A direction: what runs, and how the migrations table changes after it. */
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

/** Applies and reverts one migration at a time in one schema: the schema is before it or after it. */
export class MigrationStep {
  constructor(
    private readonly dataSource: DataSource,
    private readonly target: SchemaTarget,
    private readonly history: readonly NamedMigration[],
  ) {}

  /**
   * Applies the first pending migration.
   *
   * @param isFake writes it into the migrations table without running it
   * @throws SchemaAheadError, MigrationFailedError
   * @throws TenantNotFoundError when there is no such schema, or it is being dropped in steps
   */
  apply(isFake = false): Promise<StepResult> {
    return this.step(UP, (rows) => this.planApply(appliedNames(rows)), isFake);
  }

  /**
   * Reverts the migration that was begun last: one that is half done before what it rests on.
   *
   * @param chosen names of those that may be reverted; the schema stays as it is when another one was begun last
   * @throws SchemaAheadError when the code does not know it, MigrationFailedError
   * @throws TenantNotFoundError when there is no such schema, or it is being dropped in steps
   */
  revert(chosen: ReadonlySet<string>): Promise<StepResult> {
    return this.step(DOWN, (rows) => this.planRevert(rows, chosen), false);
  }

  /** In two messages if the migration needs no answers: the lock and the migrations table, and what changes. */
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
      // The server refused what was sent with the migration's own statements.
      if (running && error instanceof pg.DatabaseError) throw session.failed(running.name, error);
      throw error;
    }
  }

  /**
   * Reads the migrations table under the lock: another run may have changed it while this one waited.
   *
   * @returns undefined if the schema has none yet
   * @throws TenantNotFoundError when there is no such schema, or it is being dropped in steps
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

  /** @throws SchemaAheadError */
  private planRevert(rows: readonly MigrationsRow[], chosen: ReadonlySet<string>): Plan {
    const name = rows.at(-1)?.name;
    if (name === undefined) return { name, hasMore: false, others: [] };
    const next = this.history.find((named) => named.name === name);
    if (!next) throw new SchemaAheadError(this.target.schema, [name]);
    if (!chosen.has(name)) return { name: undefined, hasMore: false, others: [] };
    const others = appliedNames(rows.slice(0, -1));
    return { name, hasMore: rows.length > 1, next, others };
  }

  /** Before it is marked as half done. @throws MigrationFailedError behind a transaction pooler */
  private assertMayRunOutside({ name }: NamedMigration): Promise<void> {
    return requireSessions(this.dataSource).catch((error: unknown) => {
      throw new MigrationFailedError(this.target.schema, name, error);
    });
  }

  /**
   * Runs a migration that is marked as half done, statement by statement, and then changes the migrations table.
   *
   * @returns whether it was run: not when another run has brought it to an end, in either direction
   */
  private runOutsideTransaction(
    { name, migration }: NamedMigration,
    { run, record }: Direction,
  ): Promise<boolean> {
    const { target } = this;
    return inLockedSession(this.dataSource, target, async (queryRunner) => {
      const rows = await readMigrationsTable(queryRunner, target);
      if (!rows.some((row) => row.name === name && !row.done)) return false;
      try {
        await run(migration, queryRunner);
        if (isInTransaction(queryRunner)) throw TransactionEndedError.leftOpen();
      } catch (error) {
        if (isInTransaction(queryRunner))
          await queryRunner.query('ROLLBACK').catch(() => undefined);
        throw new MigrationFailedError(target.schema, name, error, 'half done');
      }
      // Without the lock another run, which has read the migrations table, could mark it as half done after this.
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
