import { TenancyError } from '../tenancy.error.js';

const STATES = {
  'as before': 'The schema is as it was before it.',
  'half done':
    'It runs outside a transaction, so it may be half done; it is marked so, and runs again next time.',
  ended:
    'The schema keeps what it had done before it ended its transaction, and the migrations table does not record it. ' +
    'Correct the migration, undo what it did by hand, and run it again.',
  removed: 'Nothing of the new schema is left.',
  left: 'The schema is not finished. The next creation of this schema removes it, or: tenant-schemas doctor --fix',
} as const;

/** The state of a schema after a failed migration. */
export type MigrationFailureState = keyof typeof STATES;

/** Reports a migration that failed, in either direction. `state` is the state of the schema afterwards. */
export class MigrationFailedError extends TenancyError {
  readonly code = 'MIGRATION_FAILED';

  constructor(
    readonly schema: string,
    readonly migration: string,
    cause: unknown,
    readonly state: MigrationFailureState = 'as before',
  ) {
    super(
      `Migration ${migration} failed in schema "${schema}": ` +
        `${cause instanceof Error ? cause.message : String(cause)}. ${STATES[state]}`,
      { cause },
    );
  }
}
