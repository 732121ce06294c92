import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { dataSourceOf } from '../../connection/typeorm/typeorm-versions.js';
import { clientOf } from '../../connection/client/client-of.js';
import { isolationOptionsOf } from '../../connection/wire/isolation-options.js';
import type { NamedMigration } from '../../core/migration-history.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { returnsNothing } from '../../core/sql/statement-batch.js';
import { findTransactionControl, resetsAllSettings } from '../../core/sql/transaction-control.js';
import { MigrationFailedError } from '../../errors/schemas/migration-failed.error.js';
import { TransactionEndedError } from '../../errors/schemas/transaction-ended.error.js';
import type { TenantMigration } from '../../interfaces/tenant-migration.interface.js';
import { assertNothingOutside, noteObjects } from '../migrate/new-objects.js';
import {
  forgetExtensionNames,
  READ_EXTENSION_NAMES,
} from '../migrate/single-tenant/read-extension-names.js';
import { TenantRoles } from '../roles/tenant-roles.js';
import { StatementQueue } from './statement-queue.js';
import { createsExtension, LOCK_EXTENSIONS } from './extension-lock.js';
import {
  END_WITH_CLIENT,
  lockStatements,
  onRunner,
  searchPathOf,
  SHARED_TARGET,
  type SchemaTarget,
} from '../catalog/schema-target.js';
import {
  assertTransaction,
  isTransactionEnd,
  markTransaction,
  TransactionWatch,
} from './transaction-watch.js';
import { changesMetadata, identifyStatement } from '../catalog/typeorm-metadata.js';

/** Runs one direction of a migration. */
export type RunMigration = (migration: TenantMigration, queryRunner: QueryRunner) => Promise<void>;

/** Describes a part of TypeORM's query runner that is not in its types. */
interface RunnerState {
  isTransactionActive: boolean;
  transactionDepth: number;
}

/**
 * Selects how a statement of the runner is sent. `deferred`: it waits if it returns nothing. `guarded`: it
 * must not end the transaction.
 */
type Mode = 'direct' | 'guarded' | 'deferred';

/**
 * Works on one schema over one connection, in transactions under the schema's lock. Statements that return
 * nothing wait. They go in one message with the next statement that returns a result, or with the end of the
 * transaction.
 */
export class SchemaSession {
  private readonly queue: StatementQueue;
  private readonly watch: TransactionWatch;
  private mode: Mode = 'direct';
  private token = '';

  private constructor(
    readonly queryRunner: QueryRunner,
    private readonly client: pg.PoolClient,
    readonly target: SchemaTarget,
  ) {
    this.watch = new TransactionWatch(client);
    this.queue = new StatementQueue(client, target, this.watch, (text) =>
      this.dataSource.logger.logQuery(text, [], queryRunner),
    );
    this.intercept();
  }

  static run<T>(
    dataSource: DataSource,
    target: SchemaTarget,
    work: (session: SchemaSession) => Promise<T>,
  ): Promise<T> {
    return onRunner(dataSource, target, async (queryRunner) => {
      const client = (await queryRunner.connect()) as pg.PoolClient;
      clientOf(queryRunner)?.allowSeveralTransactions();
      const session = new SchemaSession(queryRunner, client, target);
      try {
        return await work(session);
      } finally {
        session.watch.end();
      }
    });
  }

  get dataSource(): DataSource {
    return dataSourceOf(this.queryRunner);
  }

  /** Returns the migration whose syntax error made statements fail, or undefined. */
  get unparsed(): string | undefined {
    return this.queue.unparsed;
  }

  /**
   * Runs work in a transaction and commits it. After any failure, it rolls the transaction back.
   *
   * @param first statements to send after the lock
   */
  async transaction<T>(work: () => Promise<T>, ...first: readonly string[]): Promise<T> {
    try {
      this.begin(...first);
      const result = await work();
      this.commit();
      await this.flush();
      return result;
    } catch (error) {
      await this.rollback();
      throw error;
    }
  }

  /** Begins a transaction under the schema's lock, with the next message. */
  begin(...first: readonly string[]): void {
    const { dataSource, target } = this;
    const roles = TenantRoles.of(dataSource);
    this.token = randomUUID();
    this.add(
      'START TRANSACTION',
      ...(roles ? [`SET LOCAL ROLE ${quoteIdentifier(roles.owner)}`] : []),
      ...lockStatements(dataSource, target),
      ...first,
      // An earlier migration may have left temporary tables on the connection.
      'DISCARD TEMP',
      END_WITH_CLIENT,
      markTransaction(this.token),
      `SET LOCAL search_path TO ${searchPathOf(dataSource, target)}`,
    );
    this.setDepth(1);
  }

  /** Commits the transaction, with the next message. */
  commit(): void {
    this.add('COMMIT');
    this.setDepth(0);
  }

  async rollback(): Promise<void> {
    this.queue.clear();
    this.setDepth(0);
    // A broken connection has nothing to roll back, and the first error is the one to report.
    await this.client.query('ROLLBACK').catch(() => undefined);
  }

  /** Closes the connection, even while a statement runs. No statement can follow. */
  abort(): void {
    const { connection } = this.client as unknown as { connection: pg.Connection };
    connection.stream.destroy();
  }

  /** Queues statements for the next message. */
  add(...statements: readonly string[]): void {
    this.queue.add(...statements);
  }

  /** Sends statements together with the queued ones, and returns their results. */
  async send(...statements: readonly string[]): Promise<readonly pg.QueryResult[]> {
    const answers = await this.flush(...statements);
    return answers.slice(answers.length - statements.length);
  }

  /**
   * Runs a migration in the current transaction.
   *
   * @throws MigrationFailedError
   */
  async migrate({ name, migration }: NamedMigration, run: RunMigration): Promise<void> {
    this.queue.migration = name;
    const isTenants = this.target !== SHARED_TARGET;
    if (isTenants) this.add(noteObjects(this.target.schema));
    try {
      await this.within('deferred', () => run(migration, this.queryRunner));
    } catch (error) {
      // Queued statements of an earlier migration may have failed, and only the caller knows which migration
      // they belong to.
      this.queue.assertDone();
      throw this.failed(name, error);
    }
    const { extensionSchemas } = isolationOptionsOf(this.dataSource);
    this.add(
      isTenants
        ? assertNothingOutside(this.target.schema, extensionSchemas, assertTransaction(this.token))
        : `DO $$ BEGIN ${assertTransaction(this.token)} END $$`,
    );
    this.queue.migration = undefined;
  }

  /**
   * Runs a caller's work in the current transaction.
   *
   * @throws TransactionEndedError if the work ends the transaction
   */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    await this.flush();
    const result = await this.within('guarded', work);
    this.add(`DO $$ BEGIN ${assertTransaction(this.token)} END $$`);
    await this.flush().catch((error: unknown) => {
      throw isTransactionEnd(error) ? TransactionEndedError.ended() : error;
    });
    return result;
  }

  /** Converts a failure of a migration, or of statements that were sent with it, to the error for the caller. */
  failed(name: string, error: unknown): MigrationFailedError {
    const cause = isTransactionEnd(error) ? TransactionEndedError.ended() : error;
    const hasEnded = this.watch.hasEnded || isTransactionEnd(error);
    return new MigrationFailedError(
      this.target.schema,
      name,
      cause,
      hasEnded ? 'ended' : 'as before',
    );
  }

  /** Sends all queued statements. */
  flush(...statements: readonly string[]): Promise<pg.QueryResult[]> {
    return this.queue.flush(...statements);
  }

  private async within<T>(mode: Mode, work: () => Promise<T>): Promise<T> {
    this.mode = mode;
    this.watch.begin();
    try {
      const result = await work();
      // The work may have caught an error of its statements.
      this.queue.assertDone();
      if (this.watch.hasEnded) throw TransactionEndedError.ended();
      return result;
    } finally {
      this.watch.stop();
      this.mode = 'direct';
      this.setDepth(1);
    }
  }

  /** Keeps the runner's statements and the queued ones in order. */
  private intercept(): void {
    const { queryRunner } = this;
    const query = queryRunner.query.bind(queryRunner);
    const stream = queryRunner.stream.bind(queryRunner);
    const connect = queryRunner.connect.bind(queryRunner);
    Object.assign(queryRunner, {
      query: async (text: string, parameters?: unknown[], isStructured?: boolean) => {
        this.assertKeepsTransaction(text);
        if (createsExtension(text)) {
          this.add(LOCK_EXTENSIONS);
          forgetExtensionNames(queryRunner);
        }
        // Older histories created the table without a replica identity.
        if (changesMetadata(text)) this.add(identifyStatement(this.target.schema));
        if (this.mode === 'deferred') {
          // No statement of the migration depends on these names, so the others can still wait.
          if (text === READ_EXTENSION_NAMES) return (await this.send(text))[0]?.rows;
          if (!parameters?.length && !isStructured && returnsNothing(text)) {
            this.add(text);
            return [];
          }
          // Later statements may depend on the result, and on which statement failed.
          this.mode = 'guarded';
        }
        await this.flush();
        return query(text, parameters, isStructured as true);
      },
      stream: async (text: string, ...rest: []) => {
        this.assertKeepsTransaction(text);
        await this.flush();
        return stream(text, ...rest);
      },
      connect: async () => {
        if (this.mode === 'deferred') this.mode = 'guarded';
        if (!this.queue.isEmpty) await this.flush();
        return connect() as Promise<unknown>;
      },
    });
  }

  /** @throws TransactionEndedError for a statement that would end the transaction */
  private assertKeepsTransaction(text: string): void {
    if (this.mode === 'direct') return;
    const control = findTransactionControl(text);
    if (control !== undefined) throw TransactionEndedError.refusing(control);
    if (resetsAllSettings(text)) throw TransactionEndedError.refusingReset();
  }

  private setDepth(depth: number): void {
    const state = this.queryRunner as unknown as RunnerState;
    state.transactionDepth = depth;
    state.isTransactionActive = depth > 0;
  }
}
