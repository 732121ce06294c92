import type pg from 'pg';

/** Names the SQLSTATE of {@link assertTransaction}. */
const ENDED = 'NTS01';

/** Returns SQL that marks the transaction with a token, which ends with the transaction. */
export const markTransaction = (token: string): string =>
  `SET LOCAL tenant_schemas.transaction TO '${token}'`;

/** Returns PL/pgSQL that fails in any transaction other than that of the token. */
export const assertTransaction = (token: string): string =>
  `IF current_setting('tenant_schemas.transaction', true) IS DISTINCT FROM '${token}' THEN
     RAISE EXCEPTION USING ERRCODE = '${ENDED}', MESSAGE = 'Another transaction';
   END IF;`;

/** Returns whether an error reports the end of the transaction. */
export function isTransactionEnd(error: unknown): boolean {
  const { code, hasEnded } = error as { code?: unknown; hasEnded?: unknown };
  return code === ENDED || hasEnded === true;
}

/** Describes what a connection reports of its statements. It is not in the types of pg. */
interface Connection {
  on(event: 'commandComplete', listener: (message: { readonly text: string }) => void): void;
  on(event: 'readyForQuery', listener: (message: { readonly status: string }) => void): void;
  off(event: string, listener: unknown): void;
}

const ENDS: ReadonlySet<string> = new Set(['COMMIT', 'PREPARE TRANSACTION']);
const IDLE = 'I';

/** Detects on the wire that a transaction has ended, whichever object sent the statement. */
export class TransactionWatch {
  private readonly connection: Connection;
  private isWatching = false;
  /** Whether the server has left the transaction since `begin`. */
  hasEnded = false;

  constructor(client: pg.PoolClient) {
    ({ connection: this.connection } = client as unknown as { connection: Connection });
    this.connection.on('commandComplete', this.onCommand);
    this.connection.on('readyForQuery', this.onReady);
  }

  begin(): void {
    this.hasEnded = false;
    this.isWatching = true;
  }

  stop(): void {
    this.isWatching = false;
  }

  /**
   * Ignores messages while the engine's own statements run.
   *
   * @returns a function that resumes watching
   */
  pause(): () => void {
    const { isWatching } = this;
    this.isWatching = false;
    return () => {
      this.isWatching = isWatching;
    };
  }

  end(): void {
    this.stop();
    this.connection.off('commandComplete', this.onCommand);
    this.connection.off('readyForQuery', this.onReady);
  }

  private readonly onCommand = ({ text }: { readonly text: string }): void => {
    if (this.isWatching && ENDS.has(text)) this.hasEnded = true;
  };

  private readonly onReady = ({ status }: { readonly status: string }): void => {
    if (this.isWatching && status === IDLE) this.hasEnded = true;
  };
}
