import { TenancyError } from '../tenancy.error.js';

/** Thrown for a text that was not sent: a statement follows the end of a transaction, and with it of the role and search path. */
export class StatementAfterEndError extends TenancyError {
  readonly code = 'OPERATION_REFUSED';

  /** @param schema the tenant's, or undefined for work on shared tables or all schemas */
  constructor(readonly schema: string | undefined) {
    super(
      `The statements${schema === undefined ? '' : ` of tenant schema "${schema}"`} were not sent: one of them follows ` +
        'COMMIT or ROLLBACK in the same text, and would run without the role and the search path of its tenant. ' +
        'Send what follows by a query() of its own.',
    );
  }
}
