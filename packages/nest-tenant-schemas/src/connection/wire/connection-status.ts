import pg from 'pg';

/** What tells whether a `pg.Client` has work; not in its types. */
interface ClientInternals {
  readonly _activeQuery: unknown;
  readonly _queryQueue: readonly unknown[];
  /** Since pg 8.23. */
  readonly _sentQueryQueue?: readonly unknown[];
  readonly _ended: boolean;
  /** False on a connection that has failed. */
  readonly _queryable: boolean;
  /** False from a statement until the server is ready for the next one. */
  readyForQuery: boolean;
  readonly connection: pg.Connection;
}

/** Not in an explicit transaction. https://www.postgresql.org/docs/current/protocol-message-formats.html */
const IDLE = 'I';
const FAILED = 'E';

/** In which state the statements of a client have left its connection, as far as the server has told. */
export class ConnectionStatus {
  private transactionStatus = IDLE;

  constructor(private readonly client: pg.Client) {}

  /** Notes what the server says of the transaction. pg tells it by `getTransactionStatus()`, but only since 8.21. */
  noteTransaction(status: string): void {
    this.transactionStatus = status;
  }

  /** Whether the server is in a transaction, as far as it has answered. */
  get isInTransaction(): boolean {
    return this.transactionStatus !== IDLE;
  }

  /** Whether that transaction has failed, so that the server runs nothing but its end. */
  get isInFailedTransaction(): boolean {
    return this.transactionStatus === FAILED;
  }

  /** Whether a statement is under way, or waits for one that is. */
  get hasWork(): boolean {
    const { _activeQuery, _queryQueue, _sentQueryQueue } = this.internals;
    // Undefined on a new connection that has sent nothing, null after its first statement.
    return Boolean(_activeQuery) || _queryQueue.length > 0 || Boolean(_sentQueryQueue?.length);
  }

  /** Whether the statement under way asks for its rows in parts (`rows` of a query). */
  get fetchesInBatches(): boolean {
    const { _activeQuery } = this.internals;
    return _activeQuery instanceof pg.Query && 'rows' in _activeQuery && Boolean(_activeQuery.rows);
  }

  /** Whether the statement under way sends itself by a way of its own: no `pg.Query` does. */
  get submitsItself(): boolean {
    return !(this.internals._activeQuery instanceof pg.Query);
  }

  /**
   * Whether the server has refused a statement and not told yet what became of its transaction: the error comes in a
   * message of its own, which a caller hears of before the next one.
   * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
   */
  get awaitsReadyForQuery(): boolean {
    const { readyForQuery, _ended, _queryable } = this.internals;
    return !readyForQuery && !_ended && _queryable && !this.hasWork;
  }

  /** Calls back when it is known in what state the last statement has left the connection: mostly at once. */
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
   * Has the server tell once more that it is ready, where it has told so and no statement is to come: for who waits for it.
   * Until then what is sent waits, as behind a statement.
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
