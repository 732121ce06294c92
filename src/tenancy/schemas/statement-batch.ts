import type { QueryRunner } from 'typeorm';
import type { NamedMigration } from '../core/migration-history.js';
import { joinStatements } from '../core/statement-batch.js';
import { MigrationFailedError } from '../errors/migration-failed.error.js';
import type { TenantMigration } from '../interfaces/tenant-migration.interface.js';
import type { MigrationRecorder } from './migration-recorder.js';

/** Thrown when a message of several statements failed: which one it was is not known. */
export class BatchFailedError extends Error {
  constructor(override readonly cause: unknown) {
    super('A batch of statements failed.', { cause });
  }
}

/** One direction of a migration. */
export type RunMigration = (migration: TenantMigration, queryRunner: QueryRunner) => Promise<void>;

/**
 * Collects statements and sends them in one message. Part of the runner's transaction. Without a recorder
 * every migration is run statement by statement, so that an error can be told by its migration.
 */
export class StatementBatch {
  private readonly statements: string[] = [];

  constructor(
    private readonly queryRunner: QueryRunner,
    private readonly schema: string,
    private readonly recorder: MigrationRecorder | undefined,
  ) {}

  add(...statements: readonly string[]): void {
    this.statements.push(...statements);
  }

  /**
   * Adds what a migration sends, or, when it needs answers, sends what is collected and runs it.
   *
   * @throws BatchFailedError, MigrationFailedError
   */
  async run({ name, migration }: NamedMigration, run: RunMigration): Promise<void> {
    const told = (error: unknown): never => {
      throw new MigrationFailedError(this.schema, name, error);
    };
    const recorded = await this.recorder?.record(migration, run).catch(told);
    if (recorded) return this.add(...recorded);
    await this.send();
    await run(migration, this.queryRunner).catch(told);
  }

  /** @throws BatchFailedError when the server refuses a statement among recorded ones, else its own error */
  async send(): Promise<void> {
    const statements = this.statements.splice(0);
    if (statements.length === 0) return;
    try {
      await this.queryRunner.query(joinStatements(statements));
    } catch (error) {
      throw this.recorder ? new BatchFailedError(error) : error;
    }
  }
}

/**
 * Does work in batches, and, when one fails, once more statement by statement: the second attempt tells
 * which migration it was. Each attempt is a transaction of its own that leaves nothing when it fails.
 */
export async function inBatches<T>(
  recorder: MigrationRecorder,
  work: (recorder: MigrationRecorder | undefined) => Promise<T>,
): Promise<T> {
  try {
    return await work(recorder);
  } catch (error) {
    if (!(error instanceof BatchFailedError)) throw error;
    return work(undefined);
  }
}
