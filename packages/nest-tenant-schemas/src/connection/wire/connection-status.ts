import pg from 'pg';

/** Describes the state of a `pg.Client` that is not in its types. */
interface ClientInternals {
  readonly _activeQuery: unknown;
  readonly _queryQueue: readonly unknown[];
  /** Since pg 8.23. */
  readonly _sentQueryQueue?: readonly unknown[];
  readonly _ended: boolean;
  /** False after the connection failed. */
  readonly _queryable: boolean;
  /** False from the start of a statement until the server is ready for the next one. */
  readyForQuery: boolean;
  readonly connection: pg.Connection;
}

/**
 * Means that no explicit transaction is open.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
const IDLE = 'I';
const FAILED = 'E';

/** Reports the state of a connection after its statements, as of the server's last answer. */
export class ConnectionStatus {
  private transactionStatus = IDLE;

  constructor(private readonly client: pg.Client) {}

  /** Stores the transaction status that the server reported. pg has `getTransactionStatus()` only since 8.21. */
  noteTransaction(status: string): void {
    this.transactionStatus = status;
  }

  /** Returns whether the server is in a transaction, as of its last answer. */
  get isInTransaction(): boolean {
    return this.transactionStatus !== IDLE;
  }

  /** Returns whether the transaction has failed. The server then accepts nothing but its end. */
  get isInFailedTransaction(): boolean {
    return this.transactionStatus === FAILED;
  }

  /** Returns whether a statement is running or queued. */
  get hasWork(): boolean {
    const { _activeQuery, _queryQueue, _sentQueryQueue } = this.internals;
    // `_activeQuery` is undefined before the first statement of a connection, and null after it.
    return Boolean(_activeQuery) || _queryQueue.length > 0 || Boolean(_sentQueryQueue?.length);
  }

  /** Returns whether the running statement fetches its rows in batches (`rows` of a query). */
  get fetchesInBatches(): boolean {
    const { _activeQuery } = this.internals;
    return _activeQuery instanceof pg.Query && 'rows' in _activeQuery && Boolean(_activeQuery.rows);
  }

  /** Returns whether the running statement sends its own messages, as all objects except `pg.Query` do. */
  get submitsItself(): boolean {
    return !(this.internals._activeQuery instanceof pg.Query);
  }

  /**
   * Returns whether the server has rejected a statement and has not reported the transaction status yet. The
   * error is a message of its own, so a caller receives it earlier than the status.
   * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
   */
  get awaitsReadyForQuery(): boolean {
    const { readyForQuery, _ended, _queryable } = this.internals;
    return !readyForQuery && !_ended && _queryable && !this.hasWork;
  }

  /** Calls back when the server has reported the transaction status after the last statement: usually at once. */
  whenReady(then: () => void): void {
    if (!this.awaitsReadyForQuery) return then();
    const { connection } = this.internals;
    const known = (): void => {
      connection.off('readyForQuery', known);
      this.client.off('end', known);
      then();
    };
    connection.on('readyForQuery', known);
    this.client.on('end', known);
  }

  /**
   * Makes the server send another ReadyForQuery if it has sent one and no statement follows. Later statements
   * wait for it.
   */
  requestReadyForQuery(): void {
    if (!this.internals.readyForQuery || this.hasWork) return;
    this.internals.readyForQuery = false;
    this.internals.connection.sync();
  }

  private get internals(): ClientInternals {
    return this.client as unknown as ClientInternals;
  }
}
