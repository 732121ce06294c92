import { TenancyError } from '../tenancy.error.js';

/** Reports work that ended a transaction of the engine, tried to end it, or left its own transaction open. */
export class TransactionEndedError extends TenancyError {
  readonly code = 'OPERATION_REFUSED';

  private constructor(
    message: string,
    /** Whether the transaction has ended. */
    readonly hasEnded: boolean,
  ) {
    super(message);
  }

  /** @param statement the statement that was not sent, e.g. `COMMIT` */
  static refusing(statement: string): TransactionEndedError {
    return new TransactionEndedError(
      `${statement} was rejected, because the engine begins and ends this transaction. Remove the statement, or split ` +
        'the migration in two, or set its transaction to false',
      false,
    );
  }

  static refusingReset(): TransactionEndedError {
    return new TransactionEndedError(
      'RESET ALL was rejected, because it also drops the settings that keep the migration in its schema. Reset each setting by ' +
        'its name, for example: RESET statement_timeout',
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
