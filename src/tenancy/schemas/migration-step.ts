import type { DataSource, QueryRunner } from 'typeorm';
import { type NamedMigration, planMigrations } from '../core/migration-history.js';
import { joinStatements } from '../core/statement-batch.js';
import { MigrationFailedError } from '../errors/migration-failed.error.js';
import { SchemaAheadError } from '../errors/schema-ahead.error.js';
import {
  beginStatement,
  createLedgerStatement,
  readLedger,
  recordStatements,
  removeStatements,
} from './migration-ledger.js';
import type { MigrationRecorder } from './migration-recorder.js';
import { inLockedSession, inLockedTransaction, type SchemaTarget } from './schema-target.js';
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
   */
  async apply(isFake = false): Promise<StepResult> {
    const step = await this.inTransaction(async (queryRunner, recorder): Promise<Step> => {
      // Read under the lock: another run may have applied it while this one waited.
      const applied = await readLedger(queryRunner, this.target);
      const { pending, unknown } = planMigrations(this.history, applied);
      if (unknown.length > 0) throw new SchemaAheadError(this.target.schema, unknown);
      const [next] = pending;
      if (!next) return { name: undefined, hasMore: false };
      const step = { name: next.name, hasMore: pending.length > 1 };
      const batch = new StatementBatch(queryRunner, this.target.schema, recorder);
      if (applied.length === 0) batch.add(createLedgerStatement(this.target));
      if (isOutside(next) && !isFake) {
        batch.add(beginStatement(this.target, next.name));
        await batch.send();
        return { ...step, outside: next };
      }
      if (!isFake) await batch.run(next, up);
      batch.add(...recordStatements(this.target, applied, [next.name]));
      await batch.send();
      return step;
    });
    if (!step.outside) return step;
    const { name } = step.outside;
    const isDone = await this.outsideTransaction(step.outside, up, (applied) =>
      applied.includes(name) ? undefined : recordStatements(this.target, applied, [name]),
    );
    return isDone ? step : { ...step, name: undefined };
  }

  /**
   * Reverts the migration that was applied last.
   *
   * @throws SchemaAheadError when the code does not know it, MigrationFailedError
   */
  async revert(): Promise<StepResult> {
    const step = await this.inTransaction(async (queryRunner, recorder): Promise<Step> => {
      const applied = await readLedger(queryRunner, this.target);
      const name = applied.at(-1);
      if (name === undefined) return { name, hasMore: false };
      const step = { name, hasMore: applied.length > 1 };
      const last = this.history.find((named) => named.name === name);
      if (!last) throw new SchemaAheadError(this.target.schema, [name]);
      const batch = new StatementBatch(queryRunner, this.target.schema, recorder);
      if (isOutside(last)) {
        batch.add(beginStatement(this.target, name));
        await batch.send();
        return { ...step, outside: last };
      }
      await batch.run(last, down);
      batch.add(...removeStatements(this.target, name, applied.slice(0, -1)));
      await batch.send();
      return step;
    });
    if (step.outside) {
      const { name } = step.outside;
      await this.outsideTransaction(step.outside, down, (left) =>
        removeStatements(this.target, name, left),
      );
    }
    return step;
  }

  private inTransaction(
    work: (queryRunner: QueryRunner, recorder: MigrationRecorder | undefined) => Promise<Step>,
  ): Promise<Step> {
    return inBatches(this.recorder, (recorder) =>
      inLockedTransaction(this.dataSource, this.target, (queryRunner) =>
        work(queryRunner, recorder),
      ),
    );
  }

  /**
   * Runs a migration that is marked as half done, statement by statement, and then changes the ledger.
   *
   * @param statements how the ledger changes, given what it holds; undefined when another run has done it
   * @returns whether it was run
   */
  private outsideTransaction(
    { name, migration }: NamedMigration,
    run: RunMigration,
    statements: (applied: readonly string[]) => readonly string[] | undefined,
  ): Promise<boolean> {
    return inLockedSession(this.dataSource, this.target, async (queryRunner) => {
      const change = statements(await readLedger(queryRunner, this.target));
      if (!change) return false;
      try {
        await run(migration, queryRunner);
      } catch (error) {
        throw new MigrationFailedError(this.target.schema, name, error, 'half done');
      }
      // One message is one transaction.
      await queryRunner.query(joinStatements(change));
      return true;
    });
  }
}

function isOutside({ migration }: NamedMigration): boolean {
  return migration.transaction === false;
}
