import { continuesAfterEnd } from '../../core/transaction-control.js';
import { StatementAfterEndError } from '../../errors/connection/statement-after-end.error.js';
import { TenantPinError } from '../../errors/connection/tenant-pin.error.js';
import type { Checkout } from '../pool/checkout.interface.js';
import { hasPins, type PinOptions } from './pin-options.js';
import {
  HeldTransactionStart,
  isPinRefusal,
  pinStatements,
  type PrologueStatement,
} from './prologue.js';
import { isExtended, type Statement, statementText, submitsItself } from '../client/statement.js';

/**
 * The server's names of statements that end a transaction. ROLLBACK TO SAVEPOINT, which does not, has the name of ROLLBACK: a pin
 * that is sent again changes nothing.
 */
const ENDS: ReadonlySet<string> = new Set(['COMMIT', 'ROLLBACK', 'PREPARE TRANSACTION']);

/** What the prologue asks of its connection, and has it do. */
interface Holder {
  readonly database?: string | undefined;
  /** Whether the server is in a transaction. */
  readonly isInTransaction: boolean;
  /** Whether that transaction has failed, so that the server runs nothing but its end. */
  readonly isInFailedTransaction: boolean;
  /** Sends a text by itself; a connection that it fails on is closed. */
  sendAhead(text: string): void;
}

/**
 * What goes ahead of the statements of one connection: the beginning of a transaction that has not been sent
 * yet, and the pin, as whom and with which search path the server runs them.
 * Decision: docs/decisions/0007-prologue.md.
 */
export class ConnectionPrologue {
  private readonly pins: PinOptions | undefined;
  private pin: readonly PrologueStatement[] = [];
  private readonly start = new HeldTransactionStart();
  private schema: string | undefined;
  /** Whether a transaction that begins behind the end of another one gets the pin here. */
  private pinsLaterOnes = true;
  /** Whether a transaction, and its pin with it, has ended since the pin was sent. */
  private hasEnded = false;

  constructor(
    private readonly holder: Holder,
    pins: PinOptions | undefined,
  ) {
    this.pins = pins && hasPins(pins) ? pins : undefined;
  }

  /** Whether anything but the beginning of a transaction goes ahead of statements. */
  get hasPins(): boolean {
    return this.pins !== undefined;
  }

  /** Whether statements act with the rights of a role of their own. */
  get hasRoles(): boolean {
    return this.pins?.isolation === 'role';
  }

  /** Whether raw SQL may leave the tenant's schema out. */
  get hasSearchPath(): boolean {
    return this.pins?.rawSql === 'search_path';
  }

  /** Whether statements of this checkout have a pin. */
  get isPinned(): boolean {
    return this.pin.length > 0;
  }

  /** Whether the beginning of a transaction waits for its first statement. */
  get holdsStart(): boolean {
    return !this.start.isEmpty;
  }

  /** Until the next checkout, the holder sets the pin itself behind the end of a transaction. */
  allowSeveralTransactions(): void {
    this.pinsLaterOnes = false;
  }

  /** At a checkout. */
  pinTo(checkout: Checkout): void {
    this.pinsLaterOnes = true;
    this.schema = checkout.tenant?.schema;
    if (this.pins) this.pin = pinStatements(this.pins, this.holder.database ?? '', checkout);
  }

  /** Leaves out the pin of this checkout: its role is set for the session. */
  unpin(): void {
    this.pin = [];
  }

  /** At a release. */
  reset(): void {
    this.start.take();
  }

  /** The answer to a statement that need not be sent now, or undefined. */
  answer(text: string): ReturnType<HeldTransactionStart['answer']> {
    return this.start.answer(text);
  }

  /**
   * Sends what cannot go ahead of the statement on the wire.
   *
   * @throws StatementAfterEndError for a text that would run statements without their pin
   */
  prepareFor(statement: Statement, values: unknown): void {
    const { start, holder } = this;
    // The connection sends what submits itself by the extended protocol if there is a pin.
    const isWhole = isExtended(statement, values) || (this.isPinned && submitsItself(statement));
    if (this.isPinned && this.pinsLaterOnes && !isWhole)
      this.assertPinned(statementText(statement));
    // By itself, as its statement may be several, and a mistake in one would keep all from being run.
    if (start.isAlone && !isWhole) {
      const texts = start.take().map(({ text }) => text);
      holder.sendAhead(texts.join('; '));
    }
    start.follow();
  }

  /** The same for a statement of the extended protocol: all of it can go ahead on the wire. */
  follow(): void {
    this.start.follow();
  }

  /** Holds the beginning of the transaction that was sent last, for the next statement. */
  beginAgain(): void {
    this.start.again();
  }

  /**
   * Notices that a statement has ended a transaction. The server may be in the next one already (`COMMIT AND CHAIN`).
   *
   * @param tag the server's name of the statement
   */
  completed(tag: string): void {
    if (this.pinsLaterOnes && ENDS.has(tag)) this.hasEnded = true;
  }

  /** Has the next statement set the pin again: what the server completed was not seen. */
  assumeEnd(): void {
    this.hasEnded = true;
  }

  private assertPinned(text: string | undefined): void {
    if (text?.includes(';') && continuesAfterEnd(text))
      throw new StatementAfterEndError(this.schema);
  }

  /** Takes the statements that have to go ahead of the one that is about to be sent. */
  takePrologue(): readonly PrologueStatement[] {
    const { isInTransaction, isInFailedTransaction } = this.holder;
    // A failed transaction would refuse the pin instead of ending.
    if (isInTransaction && (!this.hasEnded || isInFailedTransaction)) return [];
    this.hasEnded = false;
    return this.pin.length === 0 ? this.start.take() : [...this.start.take(), ...this.pin];
  }

  /** The server refused a statement of the prologue, and so ran nothing. @returns the error to report */
  refused(statement: PrologueStatement, error: Error): Error {
    this.start.restore(statement);
    const isRefusal = this.pin.includes(statement) && isPinRefusal(error);
    return isRefusal ? new TenantPinError(this.schema, error) : error;
  }
}
