import type pg from 'pg';
import { type PreambleStatement, withoutValues } from './preamble-statements.js';

/** Lists what TypeORM sends to begin a transaction, and to configure it before its first statement. */
const START = 'START TRANSACTION';
const SETTING =
  /^SET (?:TRANSACTION ISOLATION LEVEL [A-Z ]+|LOCAL (?:(?:statement|idle_in_transaction_session|transaction|lock)_timeout TO \d+|jit TO off))$/;

/**
 * Defers the begin of a transaction until its first statement, which saves a round trip. Until then the
 * server has done nothing, and a transaction without statements leaves nothing on the connection.
 * Decision: docs/decisions/0007-statement-preamble.md.
 */
export class DeferredBegin {
  private held: readonly PreambleStatement[] = [];
  private taken: readonly PreambleStatement[] = [];
  /** Whether a statement that takes the begin along is on its way to the connection. */
  private isFollowed = false;

  get isEmpty(): boolean {
    return this.held.length === 0;
  }

  /**
   * Answers a statement that need not be sent now: a deferred one, and the end of an empty transaction.
   * Returns undefined for any other statement.
   */
  answer(text: string): Partial<pg.QueryResult> | undefined {
    // A statement on its way may still fail with its connection, so the result of its transaction is unknown.
    if (this.isFollowed) return undefined;
    if (!this.isEmpty && endsTransaction(text)) this.take();
    else if (!this.hold(text)) return undefined;
    return { command: text.split(' ', 1)[0], rowCount: null, rows: [], fields: [] };
  }

  /**
   * Defers a statement that can wait for the next one.
   *
   * @returns whether it was deferred
   */
  hold(text: string): boolean {
    const canWait = this.isEmpty ? text === START : SETTING.test(text);
    if (!canWait) return false;
    this.held = [...this.held, withoutValues(text)];
    return true;
  }

  /** Records that a statement follows, which takes the begin along. */
  follow(): void {
    this.isFollowed = !this.isEmpty;
  }

  /** Returns whether no statement follows the deferred begin yet. */
  get isAlone(): boolean {
    return !this.isEmpty && !this.isFollowed;
  }

  /** Returns the deferred statements, which the caller sends now. */
  take(): readonly PreambleStatement[] {
    this.taken = this.held;
    this.held = [];
    this.isFollowed = false;
    return this.taken;
  }

  /** Defers the begin again if the server rejected it. Later statements must not run without it. */
  restore(refused: PreambleStatement): void {
    if (refused === this.taken[0]) this.again();
  }

  /** Defers the last begin again. */
  again(): void {
    this.held = this.taken;
  }
}

/** Returns whether a text ends a transaction. */
function endsTransaction(text: string): boolean {
  return text === 'COMMIT' || text === 'ROLLBACK';
}
