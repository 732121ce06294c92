import { TenancyError } from '../tenancy.error.js';

/** Reports a migration that cannot be reverted alone, because the schema has later ones. The schema did not change. */
export class RevertBlockedError extends TenancyError {
  readonly code = 'REVERT_BLOCKED';

  /** @param later the migrations that were applied after it */
  constructor(
    readonly schema: string,
    readonly migration: string,
    readonly later: readonly string[],
  ) {
    super(
      `Migration ${migration} was not reverted in schema "${schema}", because ${later.join(', ')} ` +
        `${later.length === 1 ? 'was' : 'were'} applied after it. To revert ${later.length === 1 ? 'both' : 'all'}, ` +
        `run: tenant-schemas revert-schemas --schema ${schema} --steps ${later.length + 1}`,
    );
  }
}
