import type pg from 'pg';
import type { PrologueStatement } from './prologue.js';

/** The server's messages that answer a statement of the prologue, and that its main statement must not see. */
const ANSWERS: ReadonlySet<string> = new Set([
  'parseComplete',
  'bindComplete',
  'noData',
  'dataRow',
  'commandComplete',
]);

/** The server is in a transaction that has failed: in the message by which it is ready for the next statement. */
const FAILED = 'E';

/** What the wire asks of the connection's client, and tells it. */
export interface PrologueSource {
  /** Takes the statements that have to go ahead of the one that is about to be sent. */
  takePrologue(): readonly PrologueStatement[];
  /** What has to follow a text of the simple protocol, in the same message: empty, or the end of its transaction. */
  epilogue(text: string): string;
  /** The server refused a statement of the prologue, and so ran nothing. @returns the error to tell */
  refused(statement: PrologueStatement, error: Error): Error;
}

/** An error message of the server; its place in the text counts from 1. */
type ServerError = Error & { position?: string };

/**
 * Makes a connection send a prologue ahead of a statement, in the same flush and the same transaction, whatever
 * object submits the statement (a query, a cursor, a stream). By the extended protocol the prologue's messages
 * go without a Sync of their own; by the simple one its text goes ahead in the same message. Either way the
 * server skips the statement when the prologue fails. It is never a named prepared statement: SQL of a tenant could
 * put another text under the name, and so change the role or the path of later tenants.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 *
 * @returns whether messages were sent, at the time of asking, that no Sync has ended yet
 */
export function writePrologueOnTheWire(
  connection: pg.Connection,
  source: PrologueSource,
): () => boolean {
  const sendParse = connection.parse.bind(connection);
  const sendBind = connection.bind.bind(connection);
  const sendExecute = connection.execute.bind(connection);
  const sendSync = connection.sync.bind(connection);
  const sendSimple = connection.query.bind(connection);
  const emit = connection.emit.bind(connection);
  /** Statements of the prologue that the server has not answered yet; one of several words several times. */
  let unanswered: PrologueStatement[] = [];
  /** Whether messages were sent that no Sync has ended yet. */
  let isOpen = false;
  /** How far the prologue moves the text of a statement of the simple protocol. */
  let moved = 0;
  /** Whether the text that is under way ends its transaction itself, unless it fails. */
  let endsTransaction = false;
  /** Whether a transaction is undone whose text has failed. */
  let isUndoing = false;

  const begin = (): void => {
    if (isOpen) return;
    isOpen = true;
    moved = 0;
    unanswered = [...source.takePrologue()];
    for (const { text, values } of unanswered) {
      sendParse({ text, name: '', types: [] }, true);
      sendBind({ values: [...values] }, true);
      sendExecute({}, true);
    }
  };

  connection.parse = (statement, more) => {
    begin();
    sendParse(statement, more);
  };
  connection.bind = (config, more) => {
    begin();
    sendBind(config, more);
  };
  connection.sync = () => {
    isOpen = false;
    sendSync();
  };
  connection.query = (text) => {
    const prologue = source.takePrologue();
    const ahead = prologue.flatMap(({ literal }) => literal).map((each) => `${each}; `);
    unanswered = prologue.flatMap((each) => each.literal.map(() => each));
    moved = ahead.join('').length;
    const epilogue = source.epilogue(text);
    endsTransaction = epilogue !== '';
    sendSimple(ahead.join('') + text + epilogue);
  };
  /** Undoes the transaction that a text has failed in. @returns whether the client is not to hear of the message */
  const undo = (event: string, message: unknown): boolean => {
    if (event === 'readyForQuery') {
      isUndoing = endsTransaction && (message as { status: string }).status === FAILED;
      endsTransaction = false;
      if (isUndoing) sendSimple('ROLLBACK');
      return isUndoing;
    }
    return isUndoing && event === 'commandComplete';
  };
  connection.emit = (event: string, ...args: unknown[]) => {
    if ((endsTransaction || isUndoing) && undo(event, args[0])) return true;
    if (unanswered.length > 0) {
      if (event === 'commandComplete') unanswered.shift();
      if (ANSWERS.has(event)) return true;
      if (event === 'errorMessage') {
        const [refused] = unanswered;
        unanswered = [];
        return emit(event, source.refused(refused as PrologueStatement, args[0] as Error));
      }
    } else if (event === 'errorMessage' && moved > 0) {
      moveBack(args[0] as ServerError, moved);
    }
    return emit(event, ...args);
  };
  return () => isOpen;
}

function moveBack(error: ServerError, moved: number): void {
  if (error.position !== undefined) error.position = String(Number(error.position) - moved);
}
