import { TenancyError } from './tenancy.error.js';

/** Thrown when a migration fails. Its transaction is rolled back: the schema is as it was before it. */
export class MigrationFailedError extends TenancyError {
  readonly code = 'MIGRATION_FAILED';

  constructor(
    readonly schema: string,
    readonly migration: string,
    cause: unknown,
  ) {
    super(
      `Migration ${migration} failed in schema "${schema}": ` +
        `${cause instanceof Error ? cause.message : String(cause)}. The schema is as it was before it.`,
      { cause },
    );
  }
}
