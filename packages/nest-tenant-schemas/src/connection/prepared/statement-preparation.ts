import type pg from 'pg';
import { hasPlaceholder } from '../../core/names/schema-placeholder.js';
import { isPlainStatement } from '../../core/sql/plain-statement.js';
import { StatementOutdatedError } from '../../errors/connection/statement-outdated.error.js';
import type { Checkout } from '../pool/checkout.interface.js';
import type { StatementPreamble } from '../wire/statement-preamble.js';
import { NamedQuery, type PreparedStatement } from './named-query.js';
import {
  isOutdated,
  isUnknownStatement,
  isWriteOfNamedColumns,
  mayBeOutdated,
  PreparedStatements,
} from './prepared-statements.js';

/** Describes what the preparation needs from its connection. */
interface Holder {
  readonly connection: pg.Connection;
  readonly currentCheckout: Checkout;
  readonly isInTransaction: boolean;
  readonly hasWork: boolean;
  /** Sends a query without changes. */
  send(query: pg.Query): void;
  /** Sends a text in its own message. If it fails, the connection is closed. */
  sendAhead(text: string): void;
  /** Sends a statement for the tenant of the checkout. */
  query(text: string, values: unknown[]): Promise<unknown>;
}

/**
 * Sends repeated statements of one connection by name, so that the server parses and plans them once.
 * Decision: docs/decisions/0015-prepared-statements.md.
 */
export class StatementPreparation {
  private statements: PreparedStatements | undefined;
  /** Whether the server has bound the parameters of the running statement. From then on it may have run. */
  private isBound = false;

  constructor(
    private readonly holder: Holder,
    private readonly preamble: StatementPreamble,
  ) {
    holder.connection.on('bindComplete', () => {
      this.isBound = true;
    });
  }

  /** Starts to prepare statements. Call it only if one server process answers the connection. */
  start(maxPrepared: number): void {
    this.statements = new PreparedStatements(maxPrepared);
  }

  /** Stops sending statements by name on this connection. */
  stop(): void {
    this.statements = undefined;
  }

  /**
   * Stops sending by name if a caller's statement may have replaced the text of a prepared one. Statements of
   * the engine's own work on schemas never do.
   *
   * @param text undefined if the object of the statement hides it
   * @param isExtended returns whether the protocol accepts only one statement
   */
  stopIfNamesMayBeStale(text: string | undefined, isExtended: () => boolean): void {
    if (!this.statements || this.holder.currentCheckout.actsAsOwner) return;
    const canBeSeveral = text?.includes(';') === true && !isExtended();
    if (text === undefined || !isPlainStatement(text, canBeSeveral)) this.stop();
  }

  /**
   * Returns the prepared form of a statement, if it has one: a tenant's statement with parameters, as TypeORM
   * sends it. In a transaction only writes qualify. An outdated statement must be sent again, and a
   * transaction does not survive its error.
   */
  find(text: string, values: readonly unknown[]): PreparedStatement | undefined {
    const { holder, statements } = this;
    const { tenant } = holder.currentCheckout;
    if (!statements || !tenant || values.length === 0 || !hasPlaceholder(text)) return undefined;
    if (holder.hasWork || (this.isInTransaction && !isWriteOfNamedColumns(text))) return undefined;
    return statements.find(tenant.schema, text);
  }

  /**
   * Sends a statement by its name. If the server rejects it before BindComplete, it has not run. The
   * statement is then dropped and sent again without a name, together with the begin of its transaction.
   *
   * It is not sent again if the transaction had earlier work, or if later statements are already on the way.
   * If the tables changed, the error is then a StatementOutdatedError.
   * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
   */
  send(statement: PreparedStatement, text: string, values: unknown[]): Promise<unknown> {
    const { holder, statements, preamble } = this;
    const { currentCheckout, isInTransaction } = holder;
    const begins = preamble.hasDeferredBegin;
    const { tenant } = currentCheckout;
    statements?.closeDropped(holder.connection);
    preamble.follow();
    this.isBound = false;
    return new Promise((resolve, reject) => {
      const answer = (error: Error | null, result: unknown): void => {
        if (!error) return resolve(result);
        if (this.isBound || !mayBeOutdated(error)) return reject(error);
        statements?.drop(tenant?.schema ?? '', text);
        const isUnknown = isUnknownStatement(error);
        if (isUnknown) this.stop();
        // The server has just parsed the text, so it would fail without a name too.
        if (!query.wasPrepared && !isUnknown) return reject(error);
        // A repeated statement must not run after statements that were sent later.
        const isPassed = holder.hasWork || holder.currentCheckout !== currentCheckout;
        // If the begin is deferred again, the server rejected the begin itself.
        const canRepeat = begins ? !preamble.hasDeferredBegin : !isInTransaction;
        if (canRepeat && !isPassed) {
          if (begins) this.beginAgain();
          return resolve(holder.query(text, values));
        }
        reject(isOutdated(error) ? new StatementOutdatedError(tenant?.schema, error) : error);
      };
      const query = new NamedQuery(statement, text, values, answer);
      holder.send(query);
    });
  }

  private beginAgain(): void {
    this.holder.sendAhead('ROLLBACK');
    this.preamble.beginAgain();
  }

  private get isInTransaction(): boolean {
    return this.preamble.hasDeferredBegin || this.holder.isInTransaction;
  }
}
