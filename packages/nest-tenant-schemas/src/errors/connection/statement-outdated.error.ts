import { TenancyError } from '../tenancy.error.js';

/**
 * Thrown for a prepared statement that no longer fits its tables, as a migration has changed them, and that could not be sent
 * again: its transaction failed with it, or others were sent behind it. It was not run; from now on it is read anew. `cause` is
 * the server's error.
 */
export class StatementOutdatedError extends TenancyError {
  readonly code = 'STATEMENT_OUTDATED';

  constructor(
    readonly schema: string | undefined,
    override readonly cause: Error,
  ) {
    super('The database was changed while the request ran. Send it again.', { cause });
  }
}
