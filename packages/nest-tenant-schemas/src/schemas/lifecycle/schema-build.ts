import pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import type { NamedMigration } from '../../core/migration-history.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { MigrationFailedError } from '../../errors/schemas/migration-failed.error.js';
import { TenantConflictError } from '../../errors/tenant-conflict.error.js';
import {
  assertCreateMarkerStatement,
  createMarkerStatement,
  isCreateMarker,
  CREATE_MARKER_LOST,
  newCreateMarker,
  waitForBuilder,
} from './create-marker.js';
import { readCommentStatement } from '../catalog/migrations-table-comment.js';
import {
  appliedNames,
  createMigrationsTableStatement,
  insertStatement,
  readMigrationsTable,
  recordStatements,
} from '../catalog/migrations-table.js';
import type { TenantRoles } from '../roles/tenant-roles.js';
import { type Attempt, SchemaBuilds } from './schema-builds.js';
import type { SchemaDropper } from './schema-dropper.js';
import { type RunMigration, SchemaSession } from '../session/schema-session.js';
import type { SchemaTarget } from '../catalog/schema-target.js';

const upInNewSchema: RunMigration = (migration, queryRunner) =>
  (migration.upInNewSchema ?? migration.up).call(migration, queryRunner);

/** Skips the wait for the disk. The last transaction waits, which covers all earlier ones. */
const WITHOUT_WAIT = 'SET LOCAL synchronous_commit TO off';

/** Holds the result of an attempt, or the marker of another attempt that has the schema. */
type Outcome<T> = { readonly unfinished: string } | { readonly result: T };

/** Configures the creation of a schema. */
export interface SchemaBuildOptions<T> {
  /** The roles of tenants, or undefined if tenants have none. */
  readonly roles?: TenantRoles | undefined;
  /**
   * Checks, in the first transaction, whether the schema can be created. Its writes are rolled back.
   *
   * @returns the history
   */
  readonly prepare: (queryRunner: QueryRunner) => Promise<readonly NamedMigration[]>;
  /**
   * Runs after all migrations are committed, outside a transaction. It must call {@link SchemaBuild.finish},
   * or the schema is dropped.
   */
  readonly finish: (session: SchemaSession, build: SchemaBuild) => Promise<T>;
}

/**
 * Makes one attempt to create a schema from its history. Each migration runs in its own transaction, as in an
 * existing schema. Until the last transaction, the comment of the migrations table marks the schema as
 * unfinished.
 */
export class SchemaBuild {
  private readonly marker = newCreateMarker();
  private history: readonly NamedMigration[] = [];

  private constructor(
    private readonly target: SchemaTarget,
    private readonly roles: TenantRoles | undefined,
  ) {}

  /**
   * Creates a schema, completely or not at all. It first drops an unfinished schema whose builder has ended.
   *
   * @throws TenantConflictError when the schema exists, or another attempt takes it
   * @throws MigrationFailedError
   */
  static async run<T>(
    dataSource: DataSource,
    target: SchemaTarget,
    dropper: SchemaDropper,
    options: SchemaBuildOptions<T>,
  ): Promise<T> {
    const { schema } = target;
    for (;;) {
      const outcome = await new SchemaBuild(target, options.roles).once(
        dataSource,
        dropper,
        options,
      );
      if ('result' in outcome) return outcome.result;
      if (await waitForBuilder(dataSource, schema, outcome.unfinished)) {
        await dropper.dropUnfinished(schema, outcome.unfinished);
      }
    }
  }

  private isFinished = false;

  /** Makes one attempt. After a failure, it drops the schema. */
  private once<T>(
    dataSource: DataSource,
    dropper: SchemaDropper,
    options: SchemaBuildOptions<T>,
  ): Promise<Outcome<T>> {
    const builds = SchemaBuilds.of(dataSource);
    return builds.run(this.target.schema, async (attempt) => {
      let outcome: Outcome<T>;
      try {
        outcome = await SchemaSession.run(dataSource, this.target, async (session) => {
          builds.assertNotAborted();
          attempt.abort = () => session.abort();
          return this.attempt(session, attempt, options).finally(() => delete attempt.abort);
        });
      } catch (error) {
        // If both fail, the first error is the one to report.
        await this.drop(dropper, attempt).catch(() => undefined);
        throw withState(error, attempt.hasSchema ? 'left' : 'removed');
      }
      if (!this.isFinished) await this.drop(dropper, attempt);
      attempt.hasSchema = false;
      return outcome;
    });
  }

  private async drop(dropper: SchemaDropper, attempt: Attempt): Promise<void> {
    if (!attempt.hasSchema) return;
    await dropper.dropUnfinished(attempt.schema, this.marker);
    attempt.hasSchema = false;
  }

  /** Returns the statements that assign the schema to the tenant. They must end the last transaction. */
  finish(): readonly string[] {
    this.isFinished = true;
    const names = this.history.map(({ name }) => name);
    return [
      ...recordStatements(this.target, names, []),
      ...(this.roles ? [this.roles.joinStatement(this.target.schema)] : []),
    ];
  }

  /** Returns SQL that fails if another attempt has taken the schema. */
  get assertCreateMarker(): string {
    return assertCreateMarkerStatement(this.target.schema, this.marker);
  }

  private async attempt<T>(
    session: SchemaSession,
    attempt: Attempt,
    { prepare, finish }: SchemaBuildOptions<T>,
  ): Promise<Outcome<T>> {
    try {
      const unfinished = await this.begin(session, prepare);
      if (unfinished !== undefined) return { unfinished };
      attempt.hasSchema = true;
      for (const named of this.history) {
        session.begin(WITHOUT_WAIT, this.assertCreateMarker);
        await session.migrate(named, upInNewSchema);
        // The migration may have changed the comments of all tables.
        session.add(insertStatement(this.target, [named.name]), createMarkerStatement(this.marker));
        session.commit();
      }
      return { result: await finish(session, this) };
    } catch (error) {
      await session.rollback();
      if (session.unparsed !== undefined) throw session.failed(session.unparsed, error);
      throw await this.explain(session, error);
    }
  }

  /**
   * Runs the first transaction.
   *
   * @returns the marker of another attempt that has the schema, or undefined
   */
  private async begin(
    session: SchemaSession,
    prepare: SchemaBuildOptions<unknown>['prepare'],
  ): Promise<string | undefined> {
    const { target, roles } = this;
    session.begin(WITHOUT_WAIT);
    // Statements of the registry keep the login's search path.
    session.add('SAVEPOINT nts_prepare', 'SET LOCAL search_path TO DEFAULT');
    const [found] = await session.send(readCommentStatement(target.schema));
    const comment = (found?.rows[0] as { comment: string | null } | undefined)?.comment;
    if (isCreateMarker(comment)) {
      await session.rollback();
      return comment;
    }
    this.history = await prepare(session.queryRunner);
    session.add(
      'ROLLBACK TO SAVEPOINT nts_prepare',
      `CREATE SCHEMA ${quoteIdentifier(TENANT_SCHEMA)}`,
      createMigrationsTableStatement(target),
      createMarkerStatement(this.marker),
      ...(roles
        ? [
            ...roles.createStatements(target.schema),
            ...roles.useStatements(target),
            roles.revokeMigrationsTableStatement(target),
          ]
        : []),
    );
    session.commit();
    return undefined;
  }

  /** Finds the migration that failed: the first one that the schema's migrations table does not have. */
  private async explain(session: SchemaSession, error: unknown): Promise<unknown> {
    if (isConflict(error)) return this.conflict(error);
    if (!(error instanceof pg.DatabaseError)) return error;
    const { target } = this;
    try {
      const [found] = await session.send(readCommentStatement(target.schema));
      if ((found?.rows[0] as { comment: unknown } | undefined)?.comment !== this.marker)
        return error;
      const applied = appliedNames(await readMigrationsTable(session.queryRunner, target));
      const failed = this.history[applied.length];
      return failed ? session.failed(failed.name, error) : error;
    } catch {
      return error;
    }
  }

  private conflict(cause: unknown): TenantConflictError {
    return new TenantConflictError(`schema "${this.target.schema}"`, { cause });
  }
}

function isConflict(error: unknown): boolean {
  return (error as { code?: unknown }).code === CREATE_MARKER_LOST;
}

function withState(error: unknown, state: 'removed' | 'left'): unknown {
  if (!(error instanceof MigrationFailedError)) return error;
  return new MigrationFailedError(error.schema, error.migration, error.cause, state);
}
