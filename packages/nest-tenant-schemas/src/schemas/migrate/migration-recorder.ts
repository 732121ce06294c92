import type { DataSource, QueryRunner } from 'typeorm';
import { returnsNothing } from '../../core/sql/statement-batch.js';
import type { TenantMigration } from '../../interfaces/tenant-migration.interface.js';

/** Thrown inside a migration that asks the database something; never leaves this file. */
class NeedsResultsError extends Error {
  constructor() {
    super('This migration needs answers of the database.');
  }
}

type Run = (migration: TenantMigration, queryRunner: QueryRunner) => Promise<void>;

/**
 * Writes down what migrations would send, without a database, for `--dry-run`. It gives up on a migration that needs an
 * answer (a SELECT, a parameter, a row count, `hasTable`).
 */
export class MigrationRecorder {
  private readonly needsResults = new WeakSet<TenantMigration>();

  constructor(private readonly dataSource: DataSource) {}

  /**
   * The statements that `run` sends for a migration, or undefined when it needs answers.
   *
   * @throws whatever the migration itself throws
   */
  async record(migration: TenantMigration, run: Run): Promise<readonly string[] | undefined> {
    if (this.needsResults.has(migration)) return undefined;
    const statements: string[] = [];
    // Remembered here as well: a migration may catch what it is thrown.
    let isComplete = true;
    const refuse = (): never => {
      isComplete = false;
      throw new NeedsResultsError();
    };
    try {
      await run(migration, recordingRunner(this.dataSource, statements, refuse));
    } catch (error) {
      if (isComplete) throw error;
    }
    if (isComplete) return statements;
    this.needsResults.add(migration);
    return undefined;
  }
}

/** A query runner that never connects. What it inherits ends in one of these. */
function recordingRunner(
  dataSource: DataSource,
  statements: string[],
  refuse: () => never,
): QueryRunner {
  const refuseLater = async (): Promise<never> => refuse();
  return Object.assign(dataSource.createQueryRunner('master'), {
    query: async (text: string, parameters?: readonly unknown[], isStructured?: boolean) => {
      if (parameters?.length || isStructured || !returnsNothing(text)) refuse();
      statements.push(text);
      return [];
    },
    connect: refuseLater,
    stream: refuseLater,
    startTransaction: refuseLater,
    commitTransaction: refuseLater,
    rollbackTransaction: refuseLater,
  });
}
