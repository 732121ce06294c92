import pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { requireSessions } from '../connection/transaction-pooler.js';
import { type NamedMigration, planMigrations } from '../core/migration-history.js';
import { POSTGRES_ERROR } from '../core/postgres-error-codes.js';
import { joinStatements } from '../core/statement-batch.js';
import { MigrationFailedError } from '../errors/migration-failed.error.js';
import { SchemaAheadError } from '../errors/schema-ahead.error.js';
import { TenancyError } from '../errors/tenancy.error.js';
import { assertThere, type Mark, readMark, readMarkStatement } from './drop-steps.js';
import {
  appliedNames,
  beginStatements,
  createLedgerStatement,
  type LedgerRow,
  readLedger,
  readStatement,
  recordStatements,
  removeStatements,
} from './migration-ledger.js';
import type { MigrationRecorder } from './migration-recorder.js';
import { TenantRoles } from './roles/tenant-roles.js';
import {
  END_WITH_CLIENT,
  inLockedSession,
  inLockedTransaction,
  lockedTransaction,
  lockStatements,
  onRunner,
  type SchemaTarget,
} from './schema-target.js';
import { inBatches, type RunMigration, StatementBatch } from './statement-batch.js';

/** What a step did. */
export interface StepResult {
  /** The migration that it applied or reverted, or undefined when there was none left. */
  readonly name: string | undefined;
  /** Whether there are more. */
  readonly hasMore: boolean;
}

/** A step that has to go on outside a transaction. */
interface Step extends StepResult {
  readonly outside?: NamedMigration;
}

const up: RunMigration = (migration, queryRunner) => migration.up(queryRunner);
const down: RunMigration = (migration, queryRunner) => migration.down(queryRunner);

/** Applies and reverts one migration at a time in one schema: the schema is before it or after it. */
export class MigrationStep {
  constructor(
    private readonly dataSource: DataSource,
    private readonly recorder: MigrationRecorder,
    private readonly target: SchemaTarget,
    private readonly history: readonly NamedMigration[],
  ) {}

  /**
   * Applies the first pending migration.
   *
   * @param isFake writes it into the ledger without running it
   * @throws SchemaAheadError, MigrationFailedError
   * @throws TenantNotFoundError when there is no such schema, or it is being dropped in steps
   */
  async apply(isFake = false): Promise<StepResult> {
    const sent = isFake ? undefined : await this.applyTogether();
    return sent ?? this.applyOneByOne(isFake);
  }

  /**
   * Applies it in two messages: what is locked and read, and what is changed. Undefined, and nothing is
   * changed, when that cannot be: there is no ledger yet, it needs answers or runs outside a transaction,
   * or the server refuses one of its statements (one by one, the error is told by its migration).
   */
  private applyTogether(): Promise<StepResult | undefined> {
    return onRunner(this.dataSource, this.target, async (queryRunner) => {
      const client = (await queryRunner.connect()) as pg.PoolClient;
      const send = (...statements: readonly string[]): Promise<pg.QueryResult[]> => {
        const text = joinStatements(statements);
        this.dataSource.logger.logQuery(text, [], queryRunner);
        return client.query(text) as unknown as Promise<pg.QueryResult[]>;
      };
      let next: NamedMigration | undefined;
      try {
        const answers = await send(
          'START TRANSACTION',
          ...lockStatements(this.target),
          readMarkStatement(this.target.schema),
          readStatement(this.target),
        );
        const [mark, ledger] = answers.slice(-2);
        assertThere(this.target, mark?.rows[0] as Mark | undefined);
        const applied = appliedNames((ledger?.rows ?? []) as LedgerRow[]);
        const plan = this.plan(applied);
        ({ next } = plan);
        const recorded = next && !isOutside(next) ? await this.record(next) : undefined;
        if (next && recorded) {
          const record = recordStatements(this.target, applied, [next.name]);
          await send(...recorded, ...record, 'COMMIT');
          return plan.result;
        }
        await send('ROLLBACK');
        return next ? undefined : plan.result;
      } catch (error) {
        // A connection that broke has nothing to roll back; the first error is the one to tell.
        await send('ROLLBACK').catch(() => undefined);
        if (error instanceof TenancyError || !(error instanceof pg.DatabaseError)) throw error;
        // Nobody has to queue a second time behind a migration that waits for a table.
        if (next && error.code === POSTGRES_ERROR.lockNotAvailable) {
          throw new MigrationFailedError(this.target.schema, next.name, error);
        }
        return undefined;
      }
    });
  }

  private record({ name, migration }: NamedMigration): Promise<readonly string[] | undefined> {
    return this.recorder.record(migration, up).catch((error: unknown) => {
      throw new MigrationFailedError(this.target.schema, name, error);
    });
  }

  /** What is to do, given the ledger. @throws SchemaAheadError */
  private plan(applied: readonly string[]): {
    readonly next: NamedMigration | undefined;
    readonly result: StepResult;
  } {
    const { pending, unknown } = planMigrations(this.history, applied);
    if (unknown.length > 0) throw new SchemaAheadError(this.target.schema, unknown);
    const [next] = pending;
    return { next, result: { name: next?.name, hasMore: pending.length > 1 } };
  }

  private async applyOneByOne(isFake: boolean): Promise<StepResult> {
    const step = await this.inTransaction(async (queryRunner): Promise<Step> => {
      // Read under the lock: another run may have applied it while this one waited.
      const applied = appliedNames(await readLedger(queryRunner, this.target));
      const { next, result } = this.plan(applied);
      if (!next) return result;
      const batch = new StatementBatch(queryRunner, this.target.schema, undefined);
      batch.add(END_WITH_CLIENT);
      if (applied.length === 0) {
        const roles = TenantRoles.of(this.dataSource);
        batch.add(createLedgerStatement(this.target));
        if (roles) batch.add(roles.closeLedgerStatement(this.target));
      }
      if (isOutside(next) && !isFake) {
        await this.assertMayRunOutside(next);
        batch.add(...beginStatements(this.target, next.name, applied));
        await batch.send();
        return { ...result, outside: next };
      }
      if (!isFake) await batch.run(next, up);
      batch.add(...recordStatements(this.target, applied, [next.name]));
      await batch.send();
      return result;
    });
    if (!step.outside) return step;
    const { name } = step.outside;
    const isRun = await this.outsideTransaction(step.outside, up, (applied) =>
      recordStatements(this.target, applied, [name]),
    );
    return isRun ? step : this.applyOneByOne(isFake);
  }

  /**
   * Reverts the migration that was begun last: one that is half done before what it rests on.
   *
   * @param chosen names of those that may be reverted; the schema stays as it is when another one was begun last
   * @throws SchemaAheadError when the code does not know it, MigrationFailedError
   * @throws TenantNotFoundError when there is no such schema, or it is being dropped in steps
   */
  async revert(chosen: ReadonlySet<string>): Promise<StepResult> {
    const step = await this.inTransaction(async (queryRunner, recorder): Promise<Step> => {
      const rows = await readLedger(queryRunner, this.target);
      const name = rows.at(-1)?.name;
      if (name === undefined) return { name, hasMore: false };
      const last = this.history.find((named) => named.name === name);
      if (!last) throw new SchemaAheadError(this.target.schema, [name]);
      if (!chosen.has(name)) return { name: undefined, hasMore: false };
      const result = { name, hasMore: rows.length > 1 };
      const left = appliedNames(rows.slice(0, -1));
      const batch = new StatementBatch(queryRunner, this.target.schema, recorder);
      batch.add(END_WITH_CLIENT);
      if (isOutside(last)) {
        await this.assertMayRunOutside(last);
        batch.add(...beginStatements(this.target, name, left));
        await batch.send();
        return { ...result, outside: last };
      }
      await batch.run(last, down);
      batch.add(...removeStatements(this.target, name, left));
      await batch.send();
      return result;
    });
    if (!step.outside) return step;
    const { name } = step.outside;
    const isRun = await this.outsideTransaction(step.outside, down, (applied) =>
      removeStatements(this.target, name, applied),
    );
    return isRun ? step : this.revert(chosen);
  }

  /** Before it is marked as half done. @throws MigrationFailedError behind a transaction pooler */
  private assertMayRunOutside({ name }: NamedMigration): Promise<void> {
    return requireSessions(this.dataSource).catch((error: unknown) => {
      throw new MigrationFailedError(this.target.schema, name, error);
    });
  }

  private inTransaction(
    work: (queryRunner: QueryRunner, recorder: MigrationRecorder | undefined) => Promise<Step>,
  ): Promise<Step> {
    return inBatches(this.recorder, (recorder) =>
      inLockedTransaction(this.dataSource, this.target, async (queryRunner) => {
        assertThere(this.target, await readMark(queryRunner, this.target));
        return work(queryRunner, recorder);
      }),
    );
  }

  /**
   * Runs a migration that is marked as half done, statement by statement, and then changes the ledger.
   *
   * @param statements how the ledger changes, given the names that are applied
   * @returns whether it was run: not when another run has brought it to an end, in either direction
   */
  private outsideTransaction(
    { name, migration }: NamedMigration,
    run: RunMigration,
    statements: (applied: readonly string[]) => readonly string[],
  ): Promise<boolean> {
    return inLockedSession(this.dataSource, this.target, async (queryRunner) => {
      const rows = await readLedger(queryRunner, this.target);
      if (!rows.some((row) => row.name === name && !row.done)) return false;
      try {
        await run(migration, queryRunner);
      } catch (error) {
        throw new MigrationFailedError(this.target.schema, name, error, 'half done');
      }
      // Without the lock another run, which has read the ledger, could mark it as half done after this.
      await lockedTransaction(queryRunner, this.target, async () => {
        assertThere(this.target, await readMark(queryRunner, this.target));
        await queryRunner.query(joinStatements(statements(appliedNames(rows))));
      });
      return true;
    });
  }
}

function isOutside({ migration }: NamedMigration): boolean {
  return migration.transaction === false;
}
