import { continuesAfterEnd, isBlockStatement } from '../../core/sql/transaction-control.js';
import { StatementAfterEndError } from '../../errors/connection/statement-after-end.error.js';
import { TenantRoleError } from '../../errors/connection/tenant-role.error.js';
import type { Checkout } from '../pool/checkout.interface.js';
import { hasIsolationSettings, type IsolationOptions } from './isolation-options.js';
import { DeferredBegin } from './deferred-begin.js';
import {
  isRoleRefusal,
  isolationStatements,
  NO_SETTINGS,
  type PreambleStatement,
} from './preamble-statements.js';
import { isExtended, type Statement, statementText, submitsItself } from '../client/statement.js';

/**
 * Lists the command tags of statements that end a transaction. ROLLBACK TO SAVEPOINT has the tag ROLLBACK
 * too. This is harmless, because sending the settings again changes nothing.
 */
const ENDS: ReadonlySet<string> = new Set(['COMMIT', 'ROLLBACK', 'PREPARE TRANSACTION']);

/** Describes what the preamble needs from its connection. */
interface Holder {
  readonly database?: string | undefined;
  /** Whether the server is in a transaction. */
  readonly isInTransaction: boolean;
  /** Whether the transaction has failed. The server then accepts nothing but its end. */
  readonly isInFailedTransaction: boolean;
  /** Sends a text in its own message. If it fails, the connection is closed. */
  sendAhead(text: string): void;
}

/**
 * Decides what goes ahead of the statements of one connection. This is the deferred begin of a transaction,
 * and the settings (role and search path). Decision: docs/decisions/0007-statement-preamble.md.
 */
export class StatementPreamble {
  private readonly isolationOptions: IsolationOptions | undefined;
  private settings = NO_SETTINGS;
  private readonly deferredBegin = new DeferredBegin();
  private schema: string | undefined;
  /** Whether the preamble sets role and path of a transaction that follows another one in the same text. */
  private coversChainedTransactions = true;
  /**
   * Whether the open transaction lacks the settings: its BEGIN was sent alone, or it follows the end of
   * another one.
   */
  private isDue = false;

  constructor(
    private readonly holder: Holder,
    isolationOptions: IsolationOptions | undefined,
  ) {
    this.isolationOptions =
      isolationOptions && hasIsolationSettings(isolationOptions) ? isolationOptions : undefined;
  }

  /** Returns whether the options require a role or a search path for each statement. */
  get hasIsolationSettings(): boolean {
    return this.isolationOptions !== undefined;
  }

  /** Returns whether each tenant has its own role. */
  get hasRoles(): boolean {
    return this.isolationOptions?.isolation === 'role';
  }

  /** Returns whether raw SQL may omit the tenant's schema. */
  get hasSearchPath(): boolean {
    return this.isolationOptions?.rawSql === 'search_path';
  }

  /** Returns whether a role or a search path goes ahead of the statements of this checkout. */
  get hasSettings(): boolean {
    return this.settings !== NO_SETTINGS;
  }

  /** Returns whether the begin of a transaction waits for its first statement. */
  get hasDeferredBegin(): boolean {
    return !this.deferredBegin.isEmpty;
  }

  /**
   * Stops setting role and path after the end of a transaction, until the next checkout. The caller sets them
   * itself.
   */
  allowSeveralTransactions(): void {
    this.coversChainedTransactions = false;
  }

  /** Selects the settings of a checkout. */
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

  /** Removes the settings of this checkout, because the session itself has the role. */
  clearIsolation(): void {
    this.settings = NO_SETTINGS;
  }

  /** Drops a deferred begin at a release. */
  reset(): void {
    this.deferredBegin.take();
  }

  /** Answers a statement that need not be sent now, or returns undefined. */
  answer(text: string): ReturnType<DeferredBegin['answer']> {
    return this.deferredBegin.answer(text);
  }

  /**
   * Sends what cannot go ahead of the statement in the same message.
   *
   * @throws StatementAfterEndError for a text that would run statements without their settings
   */
  prepareFor(statement: Statement, values: unknown): void {
    const { deferredBegin, holder } = this;
    if (this.hasSettings || deferredBegin.isAlone) {
      // With settings, the connection converts such objects to the extended protocol.
      const isWhole =
        isExtended(statement, values) || (this.hasSettings && submitsItself(statement));
      if (this.hasSettings && this.coversChainedTransactions && !isWhole)
        this.assertNothingAfterEnd(statementText(statement));
      // The text may hold several statements, and a syntax error in one would prevent all of them, the begin
      // included.
      if (deferredBegin.isAlone && !isWhole) {
        const texts = deferredBegin.take().map(({ text }) => text);
        holder.sendAhead(texts.join('; '));
      }
    }
    deferredBegin.follow();
  }

  /** Records that a statement of the extended protocol follows, which takes the whole preamble along. */
  follow(): void {
    this.deferredBegin.follow();
  }

  /** Defers the last begin again, for the next statement. */
  beginAgain(): void {
    this.deferredBegin.again();
  }

  /**
   * Records the end of a transaction. The server may already be in the next one (`COMMIT AND CHAIN`).
   *
   * @param tag the command tag of the completed statement
   */
  completed(tag: string): void {
    if (this.coversChainedTransactions && ENDS.has(tag)) this.isDue = true;
  }

  /** Sends the settings again with the next statement, because the completed command is unknown. */
  assumeEnd(): void {
    this.isDue = true;
  }

  private assertNothingAfterEnd(text: string | undefined): void {
    if (text?.includes(';') && continuesAfterEnd(text))
      throw new StatementAfterEndError(this.schema);
  }

  /**
   * Returns the statements that must go ahead of the next one. The begin of a transaction has none, because
   * its modes cannot be set after a query. The statement after it then has the settings. A statement that
   * needs a transaction block has none either. With settings the server may treat the message as a block.
   * LOCK TABLE then succeeds, and its lock ends at once.
   *
   * @param text undefined for a prepared statement: SQL of another tenant may have replaced the text of its
   *   name
   */
  takePreamble(
    text: string | undefined,
    protocol: 'simple' | 'extended',
  ): readonly PreambleStatement[] {
    const { isInTransaction, isInFailedTransaction } = this.holder;
    // A failed transaction would reject the settings instead of ending.
    if (isInTransaction && (!this.isDue || isInFailedTransaction)) return [];
    const begin = this.deferredBegin.take();
    if (!this.hasSettings) return begin;
    const isInBlock = isInTransaction || begin.length > 0;
    this.isDue = !isInBlock && text !== undefined && isBlockStatement(text);
    if (this.isDue) return begin;
    const { inBlock, inText, outsideBlock } = this.settings;
    if (isInBlock) return [...begin, ...inBlock];
    return protocol === 'extended' ? outsideBlock : inText;
  }

  /**
   * Handles a rejected statement of the preamble. The server skipped the main statement.
   *
   * @returns the error to report
   */
  refused(statement: PreambleStatement, error: Error): Error {
    this.deferredBegin.restore(statement);
    const isSetting = Object.values(this.settings).flat().includes(statement);
    return isSetting && isRoleRefusal(error) ? new TenantRoleError(this.schema, error) : error;
  }
}
