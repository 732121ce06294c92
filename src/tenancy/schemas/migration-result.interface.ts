/** What a run did in one schema. Commands print it. */
export interface MigrationResult {
  readonly schema: string;
  /** `skipped`: there was nothing to apply. */
  readonly status: 'applied' | 'skipped' | 'failed';
  /** Names of the migrations that this run applied, in order; also of a failed run, before the failure. */
  readonly versions: readonly string[];
  readonly durationMs: number;
  /** Why it failed. */
  readonly error?: Error;
}
