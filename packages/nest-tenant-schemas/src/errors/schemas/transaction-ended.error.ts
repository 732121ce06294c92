import { TenancyError } from '../tenancy.error.js';

/** Thrown when work ends a transaction that the engine began, or tries to, or leaves one of its own open. */
export class TransactionEndedError extends TenancyError {
  readonly code = 'OPERATION_REFUSED';

  private constructor(
    message: string,
    /** Whether the transaction is no longer there. */
    readonly hasEnded: boolean,
  ) {
    super(message);
  }

  /** @param statement what was not sent, e.g. `COMMIT` */
  static refusing(statement: string): TransactionEndedError {
    return new TransactionEndedError(
      `${statement} is refused, because the engine begins and ends this transaction. Remove the statement, or split ` +
        'the migration in two, or set its transaction to false',
      false,
    );
  }

  static ended(): TransactionEndedError {
    return new TransactionEndedError(
      'It ended the transaction that the engine had begun. Remove its COMMIT, ROLLBACK and BEGIN',
      true,
    );
  }

  static leftOpen(): TransactionEndedError {
    return new TransactionEndedError('It left a transaction open. End it with COMMIT', false);
  }
}
