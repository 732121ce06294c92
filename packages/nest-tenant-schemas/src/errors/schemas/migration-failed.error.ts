import { TenancyError } from '../tenancy.error.js';

const STATES = {
  'as before': 'The schema is as it was before the migration.',
  'half done':
    'It runs outside a transaction, so it may be half done. The migrations table records that, and the next run repeats it.',
  ended:
    'The schema keeps the changes before the end of the transaction, but the migrations table does not record them. ' +
    'Correct the migration, undo its changes by hand, and run it again.',
  removed: 'Nothing of the new schema remains.',
  left: 'The schema is unfinished. Remove it: tenant-schemas doctor --fix. The next creation of this schema also removes it.',
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
