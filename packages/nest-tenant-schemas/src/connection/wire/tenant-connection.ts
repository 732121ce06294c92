import pg from 'pg';
import { hasPlaceholder, replacePlaceholder } from '../../core/names/schema-placeholder.js';
import type { StatementPreamble } from './statement-preamble.js';
import type { ConnectionStatus } from './connection-status.js';
import { watchCopyDone } from './copy-done.js';
import type { PreambleStatement } from './preamble-statements.js';

/** Describes options that a connection stores under other names. They are not in its types. */
interface MadeConnection extends pg.Connection {
  readonly _keepAlive: boolean;
  readonly _keepAliveInitialDelayMillis: number;
}

/** Describes an error message of the server. Its position counts characters from 1. */
type ServerError = Error & { position?: string };

const READY = 'readyForQuery';

/** Lists the messages that answer a preamble statement. The main statement must not receive them. */
const ANSWERS: ReadonlySet<string> = new Set([
  'parseComplete',
  'bindComplete',
  'noData',
  'dataRow',
  'commandComplete',
]);

/**
 * Replaces the schema placeholder in each text, and sends a preamble ahead of it. Queries, cursors, streams
 * and COPY all send through these methods, so these objects stay unchanged.
 *
 * The preamble belongs to the same flush and the same transaction. In the extended protocol it has no Sync of
 * its own. In the simple protocol it is part of the same message. If it fails, the server skips the
 * statement. It is never a named prepared statement. Otherwise SQL of one tenant could replace its text, and
 * so the role or the path of other tenants.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 */
export class TenantConnection extends pg.Connection {
  /** Whether queries request the description of their columns. */
  describesRows = true;
  // Private fields, because each refers to the client and JSON.stringify would fail on the cycle.
  readonly #preamble: StatementPreamble;
  readonly #status: ConnectionStatus;
  readonly #requireSchema: () => string;
  /** Statements of the preamble without an answer yet. */
  #unanswered: PreambleStatement[] = [];
  /** Whether messages were sent without a Sync yet. */
  #isOpen = false;
  /** The length of the preamble ahead of a text of the simple protocol, in characters. */
  #moved = 0;
  /** Whether the running statement uses the simple protocol, which needs no Sync. */
  #isSimple = false;
  /** Whether the Sync of the running statement follows its completion. */
  #syncsLate = false;
  /** Runs at the Sync after a COPY FROM. */
  #stopWatching: (() => void) | undefined;
  /** Runs when the server has bound the running statement. */
  #whenBound: (() => void) | undefined;
  /** Whether the server has already bound the next text, which only needs to be executed. */
  #isBound = false;
  #hasEnded = false;

  /**
   * @param made the connection that node-postgres created from files, variables and defaults. This connection
   *   takes over its stream and options before any listener exists
   * @param requireSchema returns the schema of the tenant that the connection may act for now, or throws
   */
  constructor(
    made: pg.Connection,
    preamble: StatementPreamble,
    status: ConnectionStatus,
    requireSchema: () => string,
  ) {
    const { _keepAlive: keepAlive, _keepAliveInitialDelayMillis: keepAliveInitialDelayMillis } =
      made as MadeConnection;
    super({ ...made, keepAlive, keepAliveInitialDelayMillis } as unknown as pg.ConnectionConfig);
    this.#preamble = preamble;
    this.#status = status;
    this.#requireSchema = requireSchema;
    this.on('bindComplete', () => this.#whenBound?.());
    // The server ignores a Sync and a Flush while it receives rows of a COPY.
    this.on('copyInResponse', () => {
      // An object that has not sent its Sync yet sends it after the rows.
      if (this.#isSimple || (this.#isOpen && !this.#syncsLate)) return;
      this.#isOpen = this.#syncsLate = true;
      this.#stopWatching = watchCopyDone(this.stream, () => this.sync());
    });
    for (const event of ['commandComplete', 'emptyQuery']) {
      this.on(event, () => this.#syncsLate && this.sync());
    }
    // pg sends no Sync after the error of a query that fetches in batches (`rows`). Until one arrives, the
    // server skips all messages. Cursors send their own Sync.
    this.on('errorMessage', () => {
      if (this.#isOpen && (this.#syncsLate || status.fetchesInBatches)) this.sync();
    });
    this.on(READY, (ready: { status: string }) => status.noteTransaction(ready.status));
    this.once('end', () => this.#endWaits());
  }

  override parse(statement: pg.QueryParse, more: boolean): void {
    // A named query may have no text, which the server answers like an empty one.
    const text = this.#replacePlaceholder(statement.text ?? '');
    if (text === undefined) return;
    this.#open(text);
    super.parse(text === statement.text ? statement : { ...statement, text }, more);
  }

  override bind(config: pg.BindConfig | null, more: boolean): void {
    this.#open(undefined);
    super.bind(config, more);
  }

  override describe(message: pg.MessageConfig, more: boolean): void {
    if (this.describesRows) super.describe(message, more);
  }

  override sync(): void {
    this.#isOpen = this.#isBound = this.#syncsLate = false;
    this.#whenBound = undefined;
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    super.sync();
  }

  /**
   * Sends a text by the simple protocol. With isolation settings, this holds for `pg.Query` only. Texts of
   * other objects, such as COPY, use the extended protocol. Their settings end with them, and the server
   * rejects a second statement (42601).
   */
  override query(text: string): void {
    if (this.#isBound) {
      this.execute({}, true);
      return this.sync();
    }
    if (this.#preamble.hasSettings && this.#status.submitsItself) {
      this.parse({ text, name: '', types: [] }, true);
      this.bind({}, true);
      this.describe({ type: 'P' }, true);
      this.execute({}, true);
      this.flush();
      this.#syncsLate = true;
      return;
    }
    const written = this.#replacePlaceholder(text);
    if (written === undefined) return;
    this.#isSimple = true;
    this.#unanswered = [...this.#preamble.takePreamble(text, 'simple')];
    const ahead = this.#unanswered.map((each) => `${each.text}; `).join('');
    this.#moved = ahead.length;
    super.query(ahead + written);
  }

  /**
   * Binds the text of an object that reads the server's messages from the socket itself, such as COPY TO.
   * Such an object understands only the messages of its own statement. It then calls `query()`, which
   * executes the bound text.
   *
   * @param submit runs after the server has bound the text, or at once if there are no isolation settings
   */
  bindAhead(text: string, submit: () => void): void {
    if (!this.#preamble.hasSettings) return submit();
    this.parse({ text, name: '', types: [] }, true);
    this.bind({}, true);
    this.flush();
    this.#syncsLate = true;
    // This connection does not see whether the object's statement ends a transaction.
    this.#preamble.assumeEnd();
    this.#whenBound = () => {
      this.#whenBound = undefined;
      this.#syncsLate = false;
      this.#isBound = true;
      submit();
    };
  }

  override emit(event: string, ...args: unknown[]): boolean {
    if (event === 'errorMessage') moveBack(args[0] as ServerError, this.#moved);
    if (this.#unanswered.length > 0) {
      if (event === 'commandComplete') this.#unanswered.shift();
      if (ANSWERS.has(event)) return true;
      if (event === 'errorMessage') {
        const [refused] = this.#unanswered.splice(0) as [PreambleStatement];
        return super.emit(event, this.#preamble.refused(refused, args[0] as Error));
      }
    }
    return super.emit(event, ...args);
  }

  /**
   * Ends cursors and streams when the connection ends, or when they are closed long after an error. pg-cursor
   * waits for ReadyForQuery before it closes. A lost connection never sends it, and the server does not send
   * it twice after an error. The reader of the rows would wait forever.
   */
  override once(event: string, listener: () => void): this {
    if (event !== READY) return super.once(event, listener);
    if (this.#hasEnded) {
      setImmediate(listener);
      return this;
    }
    this.#status.requestReadyForQuery();
    return super.once(event, listener);
  }

  #endWaits(): void {
    this.#hasEnded = true;
    // Only one-time listeners wait for it. The client's own listener is permanent and handles the end itself.
    for (const listener of this.rawListeners(READY)) {
      if ('listener' in listener) setImmediate(() => Reflect.apply(listener, this, []));
    }
  }

  /** Sends the preamble ahead of the first message after a Sync. */
  #open(text: string | undefined): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#isSimple = false;
    this.#moved = 0;
    this.#unanswered = [...this.#preamble.takePreamble(text, 'extended')];
    for (const statement of this.#unanswered) {
      super.parse({ text: statement.text, name: '', types: [] }, true);
      super.bind({ values: [...statement.values] }, true);
      super.execute({}, true);
    }
  }

  /**
   * Returns the text with the tenant's schema. If the text must not be sent, it closes the connection and
   * returns undefined.
   */
  #replacePlaceholder(text: string): string | undefined {
    try {
      if (typeof text !== 'string')
        throw new TypeError('The text of a statement must be a string.');
      return hasPlaceholder(text) ? replacePlaceholder(text, this.#requireSchema()) : text;
    } catch (error) {
      // Only an object that hides its text is rejected this late. A socket event may send it, and a throw
      // there would end the process. A closed connection fails all running work instead.
      this.stream.destroy(error as Error);
      return undefined;
    }
  }
}

/** Converts an error position to one in the caller's text. Positions in the preamble stay unchanged. */
function moveBack(error: ServerError, moved: number): void {
  const position = Number(error.position);
  if (position > moved) error.position = String(position - moved);
}
