import { TenancyError } from '../tenancy.error.js';

/**
 * Reports a prepared statement that no longer fits its tables because a migration changed them. The engine could not send it
 * again: its transaction failed, or other statements followed it. It was not run. The next attempt prepares it again.
 * `cause` is the server's error.
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
