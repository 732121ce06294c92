/** What a run did in one schema. Commands print it. */
export interface MigrationResult {
  readonly schema: string;
  /** `skipped`: there was nothing to do. `applied` without versions: a tenant got its role. */
  readonly status: 'applied' | 'reverted' | 'skipped' | 'failed';
  /** Names of the migrations that this run applied or reverted, in order; of a failed run, before the failure. */
  readonly versions: readonly string[];
  readonly durationMs: number;
  /** Why it failed. */
  readonly error?: Error;
}

/** How a run goes over many schemas. */
export interface FleetOptions {
  /** Schemas worked on at once. Default: the size of the pool, at most 8. */
  readonly concurrency?: number | undefined;
  /** Hands out no more work after the first failure; what has begun is finished. Default false. */
  readonly failFast?: boolean | undefined;
  /** Writes migrations into the migrations tables without running them. Default false. */
  readonly fake?: boolean | undefined;
  /** Hands out no more work once it is aborted; what has begun is finished. */
  readonly signal?: AbortSignal | undefined;
}

/** Events of a migrator, for progress and observation. */
export interface MigratorEvents {
  /** A schema is about to be migrated or reverted. Not sent for those that are up to date. */
  before: [schema: string];
  /** It is done, or failed. */
  after: [result: MigrationResult];
}

/** What a run would send to one schema. */
export interface PlannedMigrations {
  readonly schema: string;
  readonly migrations: readonly {
    readonly name: string;
    /** SQL with the schema's real name; undefined when it depends on what the database answers. */
    readonly statements: readonly string[] | undefined;
  }[];
}
