import pg from 'pg';
import { hasPlaceholder, replacePlaceholder } from '../../core/names/schema-placeholder.js';
import type { StatementPreamble } from './statement-preamble.js';
import type { ConnectionStatus } from './connection-status.js';
import { watchCopyDone } from './copy-done.js';
import type { PreambleStatement } from './preamble-statements.js';

/** Options of a connection that it keeps by other names; not in its types. */
interface MadeConnection extends pg.Connection {
  readonly _keepAlive: boolean;
  readonly _keepAliveInitialDelayMillis: number;
}

/** An error message of the server; its place in the text counts from 1. */
type ServerError = Error & { position?: string };

const READY = 'readyForQuery';

/** The server's messages that answer a statement of the preamble, and that its main statement must not see. */
const ANSWERS: ReadonlySet<string> = new Set([
  'parseComplete',
  'bindComplete',
  'noData',
  'dataRow',
  'commandComplete',
]);

/**
 * A connection that writes the tenant's schema over the placeholder in each text, and sends a preamble ahead of it. Every
 * object that submits a statement (a query, a cursor, a stream, COPY) sends by these methods, and none of them is changed.
 *
 * The preamble goes in the same flush and the same transaction: by the extended protocol without a Sync of its own, by the
 * simple one in the same message. If it fails, the server skips the statement. It is never a named prepared
 * statement: SQL of one tenant could put another text under the name, and so change the role or the path of later tenants.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 */
export class TenantConnection extends pg.Connection {
  /** Whether queries ask for the columns of their rows. */
  describesRows = true;
  // Private to the object: each refers to the client, which JSON.stringify could not write.
  readonly #preamble: StatementPreamble;
  readonly #status: ConnectionStatus;
  readonly #requireSchema: () => string;
  /** Statements of the preamble that the server has not answered yet. */
  #unanswered: PreambleStatement[] = [];
  /** Whether messages were sent that no Sync has ended yet. */
  #isOpen = false;
  /** How far the preamble moves the text of a statement of the simple protocol. */
  #moved = 0;
  /** Whether the statement that is under way came by the simple protocol, which needs no Sync. */
  #isSimple = false;
  /** Whether the Sync of the statement that is under way follows its completion. */
  #syncsLate = false;
  /** Called at the Sync behind a COPY FROM. */
  #stopWatching: (() => void) | undefined;
  /** Called when the server has bound the statement that is under way. */
  #whenBound: (() => void) | undefined;
  /** Whether the next text has been bound already, and is only executed. */
  #isBound = false;
  #hasEnded = false;

  /**
   * @param made the connection that node-postgres made for the client from files, variables and defaults. This one takes
   *   over its stream and its options, before anything listens to it
   * @param requireSchema the schema of the tenant that the connection may act for now; throws when there is none
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
    // The server ignores a Sync and a Flush that it reads while rows are copied in.
    this.on('copyInResponse', () => {
      // An object that has not sent its Sync yet sends it behind the rows.
      if (this.#isSimple || (this.#isOpen && !this.#syncsLate)) return;
      this.#isOpen = this.#syncsLate = true;
      this.#stopWatching = watchCopyDone(this.stream, () => this.sync());
    });
    for (const event of ['commandComplete', 'emptyQuery']) {
      this.on(event, () => this.#syncsLate && this.sync());
    }
    // pg sends no Sync behind the error of a query that reads its rows in parts (`rows`), and the server skips whatever
    // comes before one. Cursors send theirs themselves.
    this.on('errorMessage', () => {
      if (this.#isOpen && (this.#syncsLate || status.fetchesInBatches)) this.sync();
    });
    this.on(READY, (ready: { status: string }) => status.noteTransaction(ready.status));
    this.once('end', () => this.#endWaits());
  }

  override parse(statement: pg.QueryParse, more: boolean): void {
    // A named query may have no text, which the server answers as an empty one.
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
   * Sends a text by the simple protocol. With isolation settings only `pg.Query` does: a text of other objects, such as COPY, goes by the
   * extended protocol, so that its settings end with it, and the server refuses a second statement (42601).
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
   * Binds a text ahead of an object that reads the server's messages from the socket itself. COPY TO does, and knows those of
   * COPY only. The object then sends its text by `query()`, which executes it.
   *
   * @param submit called when the server has bound the text, or at once if there are no isolation settings
   */
  bindAhead(text: string, submit: () => void): void {
    if (!this.#preamble.hasSettings) return submit();
    this.parse({ text, name: '', types: [] }, true);
    this.bind({}, true);
    this.flush();
    this.#syncsLate = true;
    // What it reads itself may be the end of a transaction.
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
   * Lets cursors and streams end when the connection does, and when they are closed long after an error. To close one,
   * pg-cursor waits until the server is ready. On a connection that is gone the server never is, nor is it a second time after
   * an error, and the reader of the rows would wait for ever.
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
    // Only listeners that wait once: the client itself has one for good, and notices the end by the end.
    for (const listener of this.rawListeners(READY)) {
      if ('listener' in listener) setImmediate(() => Reflect.apply(listener, this, []));
    }
  }

  /** Sends the preamble ahead of the first message behind a Sync. */
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

  /** Returns the text with the tenant's schema, or undefined if it may not be sent: the connection is then closed. */
  #replacePlaceholder(text: string): string | undefined {
    try {
      if (typeof text !== 'string')
        throw new TypeError('The text of a statement must be a string.');
      return hasPlaceholder(text) ? replacePlaceholder(text, this.#requireSchema()) : text;
    } catch (error) {
      // Only an object that hides its text is refused as late as here. It may be sent from a socket event,
      // where a throw would end the process; a closed connection fails whatever is under way.
      this.stream.destroy(error as Error);
      return undefined;
    }
  }
}

/** Counts an error's position from the caller's text, unless it is in what went ahead of it in the same message. */
function moveBack(error: ServerError, moved: number): void {
  const position = Number(error.position);
  if (position > moved) error.position = String(position - moved);
}
