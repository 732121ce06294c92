import { beginsTransaction, continuesAfterEnd } from '../../core/transaction-control.js';
import { StatementAfterEndError } from '../../errors/connection/statement-after-end.error.js';
import { TenantRoleError } from '../../errors/connection/tenant-role.error.js';
import type { Checkout } from '../pool/checkout.interface.js';
import { hasIsolationSettings, type IsolationOptions } from './isolation-options.js';
import {
  DeferredBegin,
  isRoleRefusal,
  isolationStatements,
  NO_SETTINGS,
  type PreambleStatement,
} from './preamble-statements.js';
import { isExtended, type Statement, statementText, submitsItself } from '../client/statement.js';

/**
 * The server's names of statements that end a transaction. ROLLBACK TO SAVEPOINT, which does not, has the name of ROLLBACK: settings
 * that are sent again change nothing.
 */
const ENDS: ReadonlySet<string> = new Set(['COMMIT', 'ROLLBACK', 'PREPARE TRANSACTION']);

/** What the preamble asks of its connection, and has it do. */
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
 * yet, and the settings: the role and the search path of the statement.
 * Decision: docs/decisions/0007-statement-preamble.md.
 */
export class StatementPreamble {
  private readonly isolationOptions: IsolationOptions | undefined;
  private settings = NO_SETTINGS;
  private readonly deferredBegin = new DeferredBegin();
  private schema: string | undefined;
  /** Whether this class sets role and path of a transaction that follows another one in the same text. */
  private coversChainedTransactions = true;
  /** Whether the open transaction lacks the settings: its BEGIN was sent alone, or it follows the end of another one. */
  private isDue = false;

  constructor(
    private readonly holder: Holder,
    isolationOptions: IsolationOptions | undefined,
  ) {
    this.isolationOptions =
      isolationOptions && hasIsolationSettings(isolationOptions) ? isolationOptions : undefined;
  }

  /** Whether anything but the beginning of a transaction goes ahead of statements. */
  get hasIsolationSettings(): boolean {
    return this.isolationOptions !== undefined;
  }

  /** Whether statements act with the rights of a role of their own. */
  get hasRoles(): boolean {
    return this.isolationOptions?.isolation === 'role';
  }

  /** Whether raw SQL may leave the tenant's schema out. */
  get hasSearchPath(): boolean {
    return this.isolationOptions?.rawSql === 'search_path';
  }

  /** Whether a role or a search path goes ahead of the statements of this checkout. */
  get hasSettings(): boolean {
    return this.settings !== NO_SETTINGS;
  }

  /** Whether the beginning of a transaction waits for its first statement. */
  get hasDeferredBegin(): boolean {
    return !this.deferredBegin.isEmpty;
  }

  /** Until the next checkout, the holder sets role and path itself behind the end of a transaction. */
  allowSeveralTransactions(): void {
    this.coversChainedTransactions = false;
  }

  /** At a checkout. */
  bindTo(checkout: Checkout): void {
    this.coversChainedTransactions = true;
    this.schema = checkout.tenant?.schema;
    if (this.isolationOptions)
      this.settings = isolationStatements(
        this.isolationOptions,
        this.holder.database ?? '',
        checkout,
      );
  }

  /** Leaves out the settings of this checkout: its role is set for the session. */
  clearIsolation(): void {
    this.settings = NO_SETTINGS;
  }

  /** At a release. */
  reset(): void {
    this.deferredBegin.take();
  }

  /** The answer to a statement that need not be sent now, or undefined. */
  answer(text: string): ReturnType<DeferredBegin['answer']> {
    return this.deferredBegin.answer(text);
  }

  /**
   * Sends what cannot go ahead of the statement on the wire.
   *
   * @throws StatementAfterEndError for a text that would run statements without their settings
   */
  prepareFor(statement: Statement, values: unknown): void {
    const { deferredBegin, holder } = this;
    // The connection sends what submits itself by the extended protocol if there are settings.
    const isWhole = isExtended(statement, values) || (this.hasSettings && submitsItself(statement));
    if (this.hasSettings && this.coversChainedTransactions && !isWhole)
      this.assertNothingAfterEnd(statementText(statement));
    // By itself, as its statement may be several, and a mistake in one would keep all from being run.
    if (deferredBegin.isAlone && !isWhole) {
      const texts = deferredBegin.take().map(({ text }) => text);
      holder.sendAhead(texts.join('; '));
    }
    deferredBegin.follow();
  }

  /** The same for a statement of the extended protocol: all of it can go ahead on the wire. */
  follow(): void {
    this.deferredBegin.follow();
  }

  /** Holds the beginning of the transaction that was sent last, for the next statement. */
  beginAgain(): void {
    this.deferredBegin.again();
  }

  /**
   * Notices that a statement has ended a transaction. The server may be in the next one already (`COMMIT AND CHAIN`).
   *
   * @param tag the server's name of the statement
   */
  completed(tag: string): void {
    if (this.coversChainedTransactions && ENDS.has(tag)) this.isDue = true;
  }

  /** Sends the settings again with the next statement: what the server completed was not seen. */
  assumeEnd(): void {
    this.isDue = true;
  }

  private assertNothingAfterEnd(text: string | undefined): void {
    if (text?.includes(';') && continuesAfterEnd(text))
      throw new StatementAfterEndError(this.schema);
  }

  /**
   * Takes the statements that have to go ahead of the one that is about to be sent. The beginning of a transaction has none: its
   * modes could not be set behind a query, so the statement behind it has the settings.
   *
   * @param text undefined for a prepared statement: SQL of another tenant may have put another text under its name
   */
  takePreamble(
    text: string | undefined,
    protocol: 'simple' | 'extended',
  ): readonly PreambleStatement[] {
    const { isInTransaction, isInFailedTransaction } = this.holder;
    // A failed transaction would refuse the settings instead of ending.
    if (isInTransaction && (!this.isDue || isInFailedTransaction)) return [];
    const begin = this.deferredBegin.take();
    if (!this.hasSettings) return begin;
    const isInBlock = isInTransaction || begin.length > 0;
    this.isDue = !isInBlock && text !== undefined && beginsTransaction(text);
    if (this.isDue) return begin;
    const { inBlock, inText, outsideBlock } = this.settings;
    if (isInBlock) return [...begin, ...inBlock];
    return protocol === 'extended' ? outsideBlock : inText;
  }

  /** The server refused a statement of the preamble, and so ran nothing. @returns the error to report */
  refused(statement: PreambleStatement, error: Error): Error {
    this.deferredBegin.restore(statement);
    const isSetting = Object.values(this.settings).flat().includes(statement);
    return isSetting && isRoleRefusal(error) ? new TenantRoleError(this.schema, error) : error;
  }
}
