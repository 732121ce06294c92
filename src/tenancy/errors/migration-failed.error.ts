import { TenancyError } from './tenancy.error.js';

const STATES = {
  'as before': 'The schema is as it was before it.',
  'half done':
    'It runs outside a transaction, so it may be half done; it is marked so, and runs again next time.',
} as const;

/** Thrown when a migration fails, in either direction. `state` tells what it left behind. */
export class MigrationFailedError extends TenancyError {
  readonly code = 'MIGRATION_FAILED';

  constructor(
    readonly schema: string,
    readonly migration: string,
    cause: unknown,
    readonly state: keyof typeof STATES = 'as before',
  ) {
    super(
      `Migration ${migration} failed in schema "${schema}": ` +
        `${cause instanceof Error ? cause.message : String(cause)}. ${STATES[state]}`,
      { cause },
    );
  }
}
