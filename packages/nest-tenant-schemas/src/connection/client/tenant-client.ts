import { AsyncResource } from 'node:async_hooks';
import pg from 'pg';
import { tenantContext } from '../../context/tenant-context.js';
import { hasPlaceholder, TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { ownerRoleName } from '../../core/names/role-name.js';
import { ConnectionReleasedError } from '../../errors/connection/connection-released.error.js';
import { TenantContextMissingError } from '../../errors/tenant-context-missing.error.js';
import { TenantMismatchError } from '../../errors/tenant-mismatch.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import { initializeBackend, reportedBackendOf } from './backend.js';
import type { Checkout } from '../pool/checkout.interface.js';
import { StatementPreamble } from '../wire/statement-preamble.js';
import { ConnectionStatus } from '../wire/connection-status.js';
import { DateStyle } from '../wire/date-style.js';
import type { IsolationOptions } from '../wire/isolation-options.js';
import { assertParametersOfTenant } from '../typeorm/entities/assert-entity.js';
import { bindEvents } from './bound-events.js';
import { submitBound } from './copy-out.js';
import {
  type Callback,
  callbackOf,
  changeable,
  isCopyOut,
  isExtended,
  parametersOf,
  type Statement,
  statementText,
  withCallback,
} from './statement.js';
import { StatementPreparation } from '../prepared/statement-preparation.js';
import { TenantConnection } from '../wire/tenant-connection.js';
import { forTenant, refuse, type Sent } from './tenant-statement.js';
import { hintingCallback, withUndefinedTableHint } from './undefined-table-hint.js';

/** Describes a part of `pg.Client` that is not in its types. */
interface ClientInternals {
  _connectionTimeoutMillis: number;
}

/** Extends the options of node-postgres with those that the pool passes on. */
interface TenantClientConfig extends pg.ClientConfig {
  readonly isolationOptions?: IsolationOptions;
  /** Limits the statements that the server keeps prepared for the connection. Default 0: none. */
  readonly preparedStatements?: number;
  /** Limits the schemas that the connection visits before the pool closes it. Default 0: no limit. */
  readonly maxSchemasPerConnection?: number;
  /** Limits the time to open the connection, in milliseconds. Default 0: no limit. */
  readonly connectTimeoutMs?: number;
}

const UNBOUND: Checkout = { tenant: undefined, isBound: false };

/**
 * Serves one tenant from its checkout to its release, and replaces the schema placeholder in all that it
 * sends. Of a tenant's work, only prepared statements stay on the server.
 */
export class TenantClient extends pg.Client {
  private static made = 0;
  declare readonly connection: TenantConnection;
  /** Identifies the connection within the process. */
  readonly number = ++TenantClient.made;
  private checkout = UNBOUND;
  // Private fields, because each refers to the client and JSON.stringify would fail on the cycle.
  readonly #preamble: StatementPreamble;
  readonly #status = new ConnectionStatus(this);
  readonly #dateStyle: DateStyle;
  private readonly maxPrepared: number;
  private readonly maxSchemas: number;
  readonly #preparation: StatementPreparation;
  /** Whether settings of the whole session changed. The pool then closes the connection at its release. */
  private hasSessionState = false;
  /** Whether the connection leads to one server process, not to a pooler. */
  private isDirect = false;
  private readonly visited = new Set<string>();
  /** Whether the client is between a release and the next checkout, when it accepts no statement. */
  private isReleased = false;

  constructor(config: TenantClientConfig = {}) {
    super(config);
    (this as unknown as ClientInternals)._connectionTimeoutMillis = config.connectTimeoutMs ?? 0;
    this.#preamble = new StatementPreamble(this, config.isolationOptions);
    this.connection = new TenantConnection(
      this.connection,
      this.#preamble,
      this.#status,
      () => this.requireTenant().schema,
    );
    this.#dateStyle = new DateStyle(this, config.types);
    this.maxPrepared = config.preparedStatements ?? 0;
    this.maxSchemas = config.maxSchemasPerConnection || Infinity;
    this.#preparation = new StatementPreparation(this, this.#preamble);
    if (this.#preamble.hasIsolationSettings) {
      this.connection.on('commandComplete', ({ text }: { text: string }) =>
        this.#preamble.completed(text),
      );
    }
    // If the connection breaks during a checkout, its statements fail. Without a listener, the error event
    // would also end the process and the work of all other tenants.
    this.on('error', () => undefined);
  }

  /** Returns the tenant of the checkout, or undefined. */
  get tenant(): Tenant | undefined {
    return this.checkout.tenant;
  }

  /** Returns whether a bound handle checked out the client. */
  get isBound(): boolean {
    return this.checkout.isBound;
  }

  /**
   * Returns the schemas that the server process has worked in and keeps in memory. Empty behind a pooler,
   * where any process may answer.
   */
  get visitedSchemas(): ReadonlySet<string> {
    return this.visited;
  }

  /**
   * Prepares a new connection for use. The pool calls it once.
   *
   * The client prepares statements only if the process that answers is the one that the connection reported.
   * Behind a pooler, the next statement may reach another process, which does not have them.
   */
  async initialize(): Promise<void> {
    await this.#dateStyle.makeIso();
    this.isDirect = (await initializeBackend(this)) === reportedBackendOf(this);
    if (this.isDirect && this.maxPrepared > 0) this.#preparation.start(this.maxPrepared);
  }

  /** Binds the client to the tenant of a checkout. The pool calls it at every checkout. */
  bind(checkout: Checkout): void {
    this.checkout = checkout;
    this.isReleased = false;
    if (this.isDirect && checkout.tenant) this.visited.add(checkout.tenant.schema);
    this.#preamble.bindTo(checkout);
  }

  /** Removes the tenant from the client. The pool calls it at every release. */
  unbind(): void {
    this.checkout = UNBOUND;
    this.isReleased = true;
    this.#preamble.reset();
  }

  /**
   * Allows several transactions in one text, until the release. The caller must set role and search path of
   * each transaction that follows another one in the text.
   */
  allowSeveralTransactions(): void {
    this.#preamble.allowSeveralTransactions();
  }

  /**
   * Sets settings, and the owner's role, for the rest of the session. Statements that cannot run in a
   * transaction block need this, for example CREATE INDEX CONCURRENTLY. The pool closes the connection at its
   * release.
   */
  async keepForSession(settings: readonly string[]): Promise<void> {
    const isOwner = this.#preamble.hasRoles && this.checkout.actsAsOwner;
    const role = isOwner ? [`SET ROLE ${quoteIdentifier(ownerRoleName(this.database ?? ''))}`] : [];
    this.#preamble.clearIsolation();
    this.hasSessionState = true;
    await super.query([...settings, ...role].join('; '));
  }

  /** Returns whether the pool must close the connection at its release, although its work is done. */
  get shouldClose(): boolean {
    return this.hasSessionState || this.visited.size >= this.maxSchemas || !this.#dateStyle.isIso;
  }

  /**
   * Returns why the client must not serve another tenant, or undefined if it may.
   *
   * The transaction status alone is not enough. If the caller did not await START TRANSACTION, the status is
   * still idle. The next tenant's COMMIT would then commit this tenant's rows.
   */
  get releaseProblem(): string | undefined {
    if (this.hasWork) return 'a statement was still running';
    return this.isInTransaction ? 'a transaction was still open' : undefined;
  }

  get currentCheckout(): Checkout {
    return this.checkout;
  }

  /** Returns whether the server is in a transaction, as of its last answer. */
  get isInTransaction(): boolean {
    return this.#status.isInTransaction;
  }

  get isInFailedTransaction(): boolean {
    return this.#status.isInFailedTransaction;
  }

  /** Returns whether a statement is running or queued. */
  get hasWork(): boolean {
    return this.#status.hasWork;
  }

  /** Calls back when the server has reported the transaction status after the last statement: usually at once. */
  whenReady(then: () => void): void {
    this.#status.whenReady(then);
  }

  /**
   * Returns whether the server must reject a second statement that was injected into the text. In a
   * transaction, a text that cannot hold two stays in the simple protocol, such as COMMIT. That is one
   * message instead of four.
   */
  private allowsOneStatementOnly(text: string): boolean {
    const { tenant, actsAsOwner } = this.checkout;
    if (!this.#preamble.hasRoles || tenant === undefined || actsAsOwner) return false;
    return !this.isInTransaction || text.includes(';');
  }

  /**
   * Asserts that no tenant other than the connection's own is current. A connection of a bound handle keeps
   * its tenant.
   *
   * @throws TenantMismatchError when another tenant is current
   */
  assertOwnTenant(): void {
    const { tenant, isBound } = this.checkout;
    if (!tenant || isBound) return;
    const current = tenantContext.scope?.tenant;
    if (current && current.schema !== tenant.schema) {
      throw new TenantMismatchError('This connection', tenant.schema, current.schema);
    }
  }

  /**
   * Returns the tenant for which this client may send a statement with the schema placeholder.
   *
   * @throws TenantContextMissingError when the client was checked out without a tenant
   * @throws TenantMismatchError when another tenant is current
   */
  requireTenant(): Tenant {
    const { tenant } = this.checkout;
    if (!tenant) {
      throw new TenantContextMissingError(
        `The statement names "${TENANT_SCHEMA}", but its connection was checked out for no tenant.`,
      );
    }
    this.assertOwnTenant();
    return tenant;
  }

  /**
   * Sends a statement for the tenant of the checkout, like `pg.Client.query`. Rejects it before it sends a
   * byte.
   */
  override query(...args: unknown[]): never {
    const [statement, second, third] = args as [Statement, unknown, unknown];
    const text = statementText(statement);
    const send = super.query as (...sent: unknown[]) => unknown;
    let sent: Sent = [changeable(statement), second];
    try {
      this.assertOwnTenant();
      assertParametersOfTenant(parametersOf(statement, second), this);
      if (args.length === 1 || (second ?? third) === undefined) {
        const answered = this.answerAtOnce(statement);
        if (answered) return Promise.resolve(answered) as never;
      }
      const allowsOneStatementOnly = text !== undefined && this.allowsOneStatementOnly(text);
      this.#preparation.stopIfNamesMayBeStale(
        text,
        () => allowsOneStatementOnly || isExtended(statement, second),
      );
      if (text !== undefined) {
        sent = forTenant(sent, text, allowsOneStatementOnly, () => this.requireTenant());
        const values = sent[1];
        if (third === undefined && typeof statement === 'string' && Array.isArray(values)) {
          const prepared = this.#preparation.find(text, values);
          if (prepared) return this.#preparation.send(prepared, text, values) as never;
        }
      }
      if (this.isReleased) throw new ConnectionReleasedError();
      this.#preamble.prepareFor(...sent);
      bindEvents(statement);
      if (this.#preamble.hasIsolationSettings && isCopyOut(statement)) submitBound(statement);
    } catch (error) {
      return refuse(error as Error, statement, second, third) as never;
    }
    if (text === undefined) return send.apply(this, args) as never;
    // Without a binding, callbacks would run in the async context of the socket.
    const mayHint = this.tenant && !this.#preamble.hasSearchPath && !hasPlaceholder(text);
    const bind = (callback: Callback): Callback =>
      AsyncResource.bind(mayHint ? hintingCallback(callback) : callback);
    const own = callbackOf(statement);
    if (own) sent = [withCallback(sent[0], bind(own)), sent[1]];
    const bound = [...sent, third].map((argument) =>
      typeof argument === 'function' ? bind(argument as Callback) : argument,
    );
    const result = send.apply(this, bound);
    const isHinted = mayHint && result instanceof Promise;
    return (isHinted ? withUndefinedTableHint(result) : result) as never;
  }

  /**
   * Sends the deferred begin of a transaction. If it fails, the connection is closed, because later
   * statements would otherwise run outside the transaction. The preamble calls it.
   */
  sendAhead(text: string): void {
    super.query(text, (error: Error | null) => {
      if (error) this.connection.stream.destroy(error);
    });
  }

  /** Sends a query without changes. The statement preparation calls it. */
  send(query: pg.Query): void {
    super.query(query);
  }

  /**
   * Answers the begin of a transaction, which waits for its first statement, and the end of an empty
   * transaction.
   */
  private answerAtOnce(statement: Statement): Partial<pg.QueryResult> | undefined {
    if (typeof statement !== 'string') return undefined;
    const isBusy =
      !this.#preamble.hasDeferredBegin &&
      (this.isInTransaction || this.hasWork || this.#status.awaitsReadyForQuery);
    return isBusy || this.isReleased ? undefined : this.#preamble.answer(statement);
  }
}
