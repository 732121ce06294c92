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
import { bindEvents } from './bound-events.js';
import { submitBound } from './copy-out.js';
import { changeable, isCopyOut, isExtended, type Statement, statementText } from './statement.js';
import { StatementPreparation } from '../prepared/statement-preparation.js';
import { TenantConnection } from '../wire/tenant-connection.js';
import { forTenant, refuse, type Sent } from './tenant-statement.js';
import { hintingCallback, withUndefinedTableHint } from './undefined-table-hint.js';

/** Part of `pg.Client` that is not in its types. */
interface ClientInternals {
  _connectionTimeoutMillis: number;
}

/** What the pool hands on beside node-postgres' own options. */
interface TenantClientConfig extends pg.ClientConfig {
  readonly isolationOptions?: IsolationOptions;
  /** Most statements that the server keeps prepared for the connection. Default 0: none. */
  readonly preparedStatements?: number;
  /** Most schemas that the connection meets before it is closed. Default 0: any number. */
  readonly maxSchemasPerConnection?: number;
  /** Most milliseconds that opening the connection may take. Default 0: as long as it takes. */
  readonly connectTimeoutMs?: number;
}

const UNBOUND: Checkout = { tenant: undefined, isBound: false };

/**
 * A connection that belongs to one tenant from its checkout to its release and writes that tenant's
 * schema over the placeholder in all that it sends. It leaves no state on the server but statements that are kept prepared.
 */
export class TenantClient extends pg.Client {
  private static made = 0;
  declare readonly connection: TenantConnection;
  /** Tells the connection from all others of the process. */
  readonly number = ++TenantClient.made;
  private checkout = UNBOUND;
  // Private to the object: each refers to the client, which JSON.stringify could not write.
  readonly #preamble: StatementPreamble;
  readonly #status = new ConnectionStatus(this);
  readonly #dateStyle: DateStyle;
  private readonly maxPrepared: number;
  private readonly maxSchemas: number;
  readonly #preparation: StatementPreparation;
  /** Whether settings were changed for the whole session, which therefore serves no other checkout. */
  private hasSessionState = false;
  /** Whether one server process answers, rather than a pooler. */
  private isDirect = false;
  private readonly visited = new Set<string>();
  /** Whether it is between a release and the next checkout, where nobody may send a statement. */
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
    // A connection lost while checked out fails its statements. Without a listener the event would also
    // end the process, and with it the work of every other tenant.
    this.on('error', () => undefined);
  }

  /** The tenant that the client is checked out for, or undefined. */
  get tenant(): Tenant | undefined {
    return this.checkout.tenant;
  }

  /** Whether it was checked out through a bound handle. */
  get isBound(): boolean {
    return this.checkout.isBound;
  }

  /** The schemas that its server process has worked in, and remembers. None behind a pooler, where it may be any process. */
  get visitedSchemas(): ReadonlySet<string> {
    return this.visited;
  }

  /**
   * Called by the pool when the connection is new. Statements are prepared only where the process that answers is
   * the one that the connection was told of: behind a pooler the next one may be another, which knows none of them.
   */
  async initialize(): Promise<void> {
    await this.#dateStyle.makeIso();
    this.isDirect = (await initializeBackend(this)) === reportedBackendOf(this);
    if (this.isDirect && this.maxPrepared > 0) this.#preparation.start(this.maxPrepared);
  }

  /** Called by the pool at every checkout. */
  bind(checkout: Checkout): void {
    this.checkout = checkout;
    this.isReleased = false;
    if (this.isDirect && checkout.tenant) this.visited.add(checkout.tenant.schema);
    this.#preamble.bindTo(checkout);
  }

  /** Called by the pool at every release. */
  unbind(): void {
    this.checkout = UNBOUND;
    this.isReleased = true;
    this.#preamble.reset();
  }

  /**
   * Lets the holder send several transactions in one text. Until the release, the holder itself sets role and search path
   * in each transaction that begins behind the end of another one.
   */
  allowSeveralTransactions(): void {
    this.#preamble.allowSeveralTransactions();
  }

  /**
   * Keeps settings, and the owner's role, for the rest of the session, for statements that no transaction block may hold,
   * such as CREATE INDEX CONCURRENTLY. The pool closes the connection at its release.
   */
  async keepForSession(settings: readonly string[]): Promise<void> {
    const isOwner = this.#preamble.hasRoles && this.checkout.actsAsOwner;
    const role = isOwner ? [`SET ROLE ${quoteIdentifier(ownerRoleName(this.database ?? ''))}`] : [];
    this.#preamble.clearIsolation();
    this.hasSessionState = true;
    await super.query([...settings, ...role].join('; '));
  }

  /** Whether the connection has to be closed at its release, though its work is done. */
  get shouldClose(): boolean {
    return this.hasSessionState || this.visited.size >= this.maxSchemas || !this.#dateStyle.isIso;
  }

  /**
   * Why the client may not serve another tenant, or undefined when nothing of this one is left on it.
   * The transaction status alone does not tell: with an un-awaited START TRANSACTION under way it is
   * still idle, and the next tenant's COMMIT would make this one's rows permanent.
   */
  get releaseProblem(): string | undefined {
    if (this.hasWork) return 'a statement was still under way';
    return this.isInTransaction ? 'a transaction was still open' : undefined;
  }

  get currentCheckout(): Checkout {
    return this.checkout;
  }

  /** Whether the server is in a transaction, as far as it has answered. */
  get isInTransaction(): boolean {
    return this.#status.isInTransaction;
  }

  get isInFailedTransaction(): boolean {
    return this.#status.isInFailedTransaction;
  }

  /** Whether a statement is under way, or waits for one that is. */
  get hasWork(): boolean {
    return this.#status.hasWork;
  }

  /** Calls back when it is known in what state the last statement has left the connection: mostly at once. */
  whenReady(then: () => void): void {
    this.#status.whenReady(then);
  }

  /**
   * Whether the server is to refuse a second statement that was injected into one of the tenant's. Within a transaction what
   * cannot be two, as COMMIT, goes in one message instead of four.
   */
  private allowsOneStatementOnly(text: string): boolean {
    const { tenant, actsAsOwner } = this.checkout;
    if (!this.#preamble.hasRoles || tenant === undefined || actsAsOwner) return false;
    return !this.isInTransaction || text.includes(';');
  }

  /**
   * Asserts that no other tenant than the connection's own is current. A connection of a bound handle keeps its tenant.
   *
   * @throws TenantMismatchError when another tenant is current
   */
  assertOwnTenant(): void {
    const { tenant, isBound } = this.checkout;
    if (!tenant || isBound) return;
    const { current } = tenantContext;
    if (current && current.schema !== tenant.schema) {
      throw new TenantMismatchError('This connection', tenant.schema, current.schema);
    }
  }

  /**
   * Returns the tenant for whom this client may send a statement with the schema placeholder.
   *
   * @throws TenantContextMissingError when it was checked out for none
   * @throws TenantMismatchError when it is another tenant's than the current one
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

  /** `pg.Client.query`, for the tenant of the checkout. Refuses before a byte is sent. */
  override query(...args: unknown[]): never {
    const [statement, second, third] = args as [Statement, unknown, unknown];
    const text = statementText(statement);
    const send = super.query as (...sent: unknown[]) => unknown;
    let sent: Sent = [changeable(statement), second];
    try {
      this.assertOwnTenant();
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
    // Callbacks run in the socket's async context unless they are bound to the caller's.
    const mayHint = this.tenant && !this.#preamble.hasSearchPath && !hasPlaceholder(text);
    const bound = [...sent, third].map((argument) => {
      if (typeof argument !== 'function') return argument;
      const callback = argument as (error: unknown) => void;
      return AsyncResource.bind(mayHint ? hintingCallback(callback) : callback);
    });
    const result = send.apply(this, bound);
    const isHinted = mayHint && result instanceof Promise;
    return (isHinted ? withUndefinedTableHint(result) : result) as never;
  }

  /** Called by the preamble: what comes next would be run outside the transaction, were it not begun. */
  sendAhead(text: string): void {
    super.query(text, (error: Error | null) => {
      if (error) this.connection.stream.destroy(error);
    });
  }

  /** Called by the preparation. */
  send(query: pg.Query): void {
    super.query(query);
  }

  /** The answer to the start of a transaction, which goes with its first statement, and to the end of one without work. */
  private answerAtOnce(statement: Statement): Partial<pg.QueryResult> | undefined {
    if (typeof statement !== 'string') return undefined;
    const isBusy =
      !this.#preamble.hasDeferredBegin &&
      (this.isInTransaction || this.hasWork || this.#status.awaitsReadyForQuery);
    return isBusy || this.isReleased ? undefined : this.#preamble.answer(statement);
  }
}
