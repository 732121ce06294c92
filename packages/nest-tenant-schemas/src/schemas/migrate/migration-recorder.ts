import type { DataSource, QueryRunner } from 'typeorm';
import { returnsNothing } from '../../core/sql/statement-batch.js';
import { createsExtension } from '../session/extension-lock.js';
import { READ_EXTENSION_NAMES } from './single-tenant/read-extension-names.js';
import type { TenantMigration } from '../../interfaces/tenant-migration.interface.js';

/** Signals inside a migration that it needs a result of the database. It never leaves this file. */
class NeedsResultsError extends Error {
  constructor() {
    super('This migration needs answers of the database.');
  }
}

type Run = (migration: TenantMigration, queryRunner: QueryRunner) => Promise<void>;

/**
 * Records what migrations would send, for `--dry-run`. It cannot record a migration that needs a result: a SELECT, a
 * parameter, a row count, or `hasTable`. It reads only the extensions that migrations of a single-tenant application use.
 */
export class MigrationRecorder {
  private readonly needsResults = new WeakSet<TenantMigration>();

  constructor(private readonly dataSource: DataSource) {}

  /**
   * Returns the statements that `run` sends for a migration, or undefined if it needs results.
   *
   * @throws any error of the migration itself
   */
  async record(migration: TenantMigration, run: Run): Promise<readonly string[] | undefined> {
    if (this.needsResults.has(migration)) return undefined;
    const statements: string[] = [];
    // The error alone is not enough, because a migration may catch it.
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

/** Returns a query runner that never connects. Its inherited methods end in one of these. */
function recordingRunner(
  dataSource: DataSource,
  statements: string[],
  refuse: () => never,
): QueryRunner {
  const refuseLater = async (): Promise<never> => refuse();
  return Object.assign(dataSource.createQueryRunner('master'), {
    query: async (text: string, parameters?: readonly unknown[], isStructured?: boolean) => {
      if (text === READ_EXTENSION_NAMES && !statements.some(createsExtension)) {
        return dataSource.query(text);
      }
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
