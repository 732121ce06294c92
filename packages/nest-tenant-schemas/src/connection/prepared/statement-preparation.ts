import type pg from 'pg';
import { hasPlaceholder } from '../../core/names/schema-placeholder.js';
import { isPlainStatement } from '../../core/plain-statement.js';
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

/** What the preparation asks of its connection, and has it do. */
interface Holder {
  readonly connection: pg.Connection;
  readonly currentCheckout: Checkout;
  readonly isInTransaction: boolean;
  readonly hasWork: boolean;
  /** Sends as node-postgres does. */
  send(query: pg.Query): void;
  /** Sends a text by itself; a connection that it fails on is closed. */
  sendAhead(text: string): void;
  /** Sends for the tenant of the checkout. */
  query(text: string, values: unknown[]): Promise<unknown>;
}

/**
 * The sending of one connection's statements by name, so that the server parses and plans them once.
 * Decision: docs/decisions/0015-prepared-statements.md.
 */
export class StatementPreparation {
  private statements: PreparedStatements | undefined;
  /** Whether the server has bound the parameters of the statement under way: from then on it may have run. */
  private isBound = false;

  constructor(
    private readonly holder: Holder,
    private readonly preamble: StatementPreamble,
  ) {
    holder.connection.on('bindComplete', () => {
      this.isBound = true;
    });
  }

  /** From now on: it is known that there is one server at the other end. */
  start(maxPrepared: number): void {
    this.statements = new PreparedStatements(maxPrepared);
  }

  /** Nothing is sent by name any more on this connection. */
  stop(): void {
    this.statements = undefined;
  }

  /**
   * A caller's whole statement may have put another text under a name that is kept. The engine's own do no such thing.
   *
   * @param text undefined where its object hides it
   * @param isExtended whether the protocol is the one by which the server takes one statement only
   */
  stopIfNamesMayBeStale(text: string | undefined, isExtended: () => boolean): void {
    if (!this.statements || this.holder.currentCheckout.actsAsOwner) return;
    const canBeSeveral = text?.includes(';') === true && !isExtended();
    if (text === undefined || !isPlainStatement(text, canBeSeveral)) this.stop();
  }

  /**
   * The statement, if the server may keep it prepared: a tenant's, as TypeORM sends it, with parameters. In
   * a transaction only writes are: what is out of date is sent again, which a transaction does not survive.
   */
  find(text: string, values: readonly unknown[]): PreparedStatement | undefined {
    const { holder, statements } = this;
    const { tenant } = holder.currentCheckout;
    if (!statements || !tenant || values.length === 0 || !hasPlaceholder(text)) return undefined;
    if (holder.hasWork || (this.isInTransaction && !isWriteOfNamedColumns(text))) return undefined;
    return statements.find(tenant.schema, text);
  }

  /**
   * Sends a statement by its name. What the server refuses before BindComplete has not been run. The statement is then
   * forgotten and sent again, without a name; with the transaction that it began, which held nothing else. Not where the
   * transaction had work before, or others were sent behind it: then the error is a StatementOutdatedError if the
   * database was changed.
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
        // The server has read it just now: without a name it is as wrong.
        if (!query.wasPrepared && !isUnknown) return reject(error);
        // What was sent meanwhile must not be overtaken.
        const isPassed = holder.hasWork || holder.currentCheckout !== currentCheckout;
        // Held again: the server has refused to begin.
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
