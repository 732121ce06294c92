/** Reports what a run did in one schema. Commands print it. */
export interface MigrationResult {
  /** The real name of the schema. */
  readonly schema: string;
  /** `skipped`: the schema was up to date. `applied` without versions: the tenant got its role. */
  readonly status: 'applied' | 'reverted' | 'skipped' | 'failed';
  /**
   * Names of the migrations that this run applied or reverted, in order. For a failed run: before the
   * failure.
   */
  readonly versions: readonly string[];
  /** The duration of the work in this schema, in milliseconds. */
  readonly durationMs: number;
  /** The reason of a failure. */
  readonly error?: Error;
}

/** Configures a run over many schemas. */
export interface FleetOptions {
  /** Limits the schemas that are processed at once. Default: the size of the pool, at most 8. */
  readonly concurrency?: number | undefined;
  /** Whether to start no more work after the first failure. Started work is completed. Default false. */
  readonly failFast?: boolean | undefined;
  /** Whether to record migrations without running them. Default false. */
  readonly fake?: boolean | undefined;
  /** Stops the run when it is aborted: no more work starts, and started work is completed. */
  readonly signal?: AbortSignal | undefined;
}

/** Describes the events of a migrator, for progress and observation. */
export interface MigratorEvents {
  /** Precedes the work in a schema. Schemas that are up to date emit no event. */
  before: [schema: string];
  /** Follows the work in a schema, also after a failure. */
  after: [result: MigrationResult];
}

/** Describes what a run would send to one schema. */
export interface PlannedMigrations {
  /** The real name of the schema. */
  readonly schema: string;
  /** The pending migrations, in order. */
  readonly migrations: readonly {
    readonly name: string;
    /** SQL with the schema's real name, or undefined if it depends on results of the database. */
    readonly statements: readonly string[] | undefined;
  }[];
}
