import { AsyncResource } from 'node:async_hooks';
import pg from 'pg';
import { tenantContext } from '../context/tenant-context.js';
import {
  isCatalogueStatement,
  parametersCarryMarker,
  writeSchemaIntoParameters,
} from '../core/catalogue-statement.js';
import { carriesMarker, TENANT_SCHEMA } from '../core/marker.js';
import { quoteIdentifier } from '../core/quote-identifier.js';
import { ownerRoleName } from '../core/role-name.js';
import { TenantContextMissingError } from '../errors/tenant-context-missing.error.js';
import { TenantMismatchError } from '../errors/tenant-mismatch.error.js';
import { TenantPinError } from '../errors/tenant-pin.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { Checkout } from './checkout.interface.js';
import { hasPins, type PinOptions } from './pin-options.js';
import {
  endsTransaction,
  HeldTransactionStart,
  isPinRefusal,
  pinStatements,
  type PrologueStatement,
  START,
} from './prologue.js';
import {
  inExtendedProtocol,
  isCopyOut,
  isExtended,
  isSubmittable,
  type Statement,
  statementText,
  statementValues,
  withoutName,
  withValues,
} from './statement.js';
import { hintingCallback, withUndefinedTableHint } from './undefined-table-hint.js';
import { writePrologueOnTheWire } from './write-prologue-on-the-wire.js';
import { writeSchemaOnTheWire } from './write-schema-on-the-wire.js';

/** The parts of `pg.Client` that tell whether it still has work; not in its types. */
interface ClientInternals {
  readonly _activeQuery: unknown;
  readonly _queryQueue: readonly unknown[];
  readonly _sentQueryQueue: readonly unknown[];
}

const NOBODY: Checkout = { tenant: undefined, isBound: false };

/** Not in an explicit transaction: what `getTransactionStatus()` says, and null before the first statement. */
const IDLE = 'I';

/**
 * A connection that belongs to one tenant from its checkout to its release and writes that tenant's
 * schema over the marker in all that it sends. It leaves no state on the server.
 */
export class TenantClient extends pg.Client {
  private static made = 0;
  /** Tells the connection from all others of the process. */
  readonly number = ++TenantClient.made;
  private checkout = NOBODY;
  private readonly pins: PinOptions | undefined;
  private pin: readonly PrologueStatement[] = [];
  private readonly start = new HeldTransactionStart();
  /** Text of a COPY that was given a transaction of its own, because its pin cannot go with it. */
  private copyToCommit: string | undefined;
  /** Whether a role was set for the whole session, which so may serve nobody else. */
  private hasSessionRole = false;

  constructor(config?: pg.ClientConfig & { readonly pins?: PinOptions }) {
    super(config);
    this.pins = config?.pins && hasPins(config.pins) ? config.pins : undefined;
    // A connection lost while checked out fails its statements. Without a listener the event would also
    // end the process, and with it the work of every other tenant.
    this.on('error', () => undefined);
    writeSchemaOnTheWire(this.connection, () => this.requireTenant().schema);
    writePrologueOnTheWire(this.connection, {
      takePrologue: () => this.takePrologue(),
      epilogue: (text) => (text === this.copyToCommit ? '; COMMIT' : ''),
      refused: (statement, error) => {
        this.start.restore(statement);
        return this.pin.includes(statement) && isPinRefusal(error)
          ? new TenantPinError(this.tenant?.schema, error)
          : error;
      },
    });
  }

  /** The tenant that the client is checked out for, or undefined. */
  get tenant(): Tenant | undefined {
    return this.checkout.tenant;
  }

  /** Whether it was checked out through a bound handle. */
  get isBound(): boolean {
    return this.checkout.isBound;
  }

  /** Called by the pool at every checkout. */
  adopt(checkout: Checkout): void {
    this.checkout = checkout;
    if (this.pins) this.pin = pinStatements(this.pins, this.database ?? '', checkout);
  }

  /** Called by the pool at every release. */
  abandon(): void {
    this.checkout = NOBODY;
    this.copyToCommit = undefined;
    this.start.take();
  }

  /**
   * Keeps the owner's role for the rest of the session, for statements that no transaction block may hold, as
   * CREATE INDEX CONCURRENTLY. The connection is closed at its release.
   */
  async keepOwnerRole(): Promise<void> {
    if (this.pins?.isolation !== 'role' || !this.checkout.actsAsOwner) return;
    this.pin = [];
    this.hasSessionRole = true;
    await super.query(`SET ROLE ${quoteIdentifier(ownerRoleName(this.database ?? ''))}`);
  }

  /** Whether the connection has to be closed at its release, though its work is done. */
  get isSpent(): boolean {
    return this.hasSessionRole;
  }

  /**
   * Why the client may not serve another tenant, or undefined when nothing of this one is left on it.
   * The transaction status alone does not tell: with an un-awaited START TRANSACTION under way it is
   * still idle, and the next tenant's COMMIT would make this one's rows permanent.
   */
  get dirt(): string | undefined {
    if (this.hasWork) return 'a statement was still under way';
    return this.isInTransaction ? 'a transaction was still open' : undefined;
  }

  private get isInTransaction(): boolean {
    return (this.getTransactionStatus() ?? IDLE) !== IDLE;
  }

  private get hasWork(): boolean {
    const { _activeQuery, _queryQueue, _sentQueryQueue } = this as unknown as ClientInternals;
    // Undefined on a new connection that has sent nothing, null after its first statement.
    return Boolean(_activeQuery) || _queryQueue.length > 0 || _sentQueryQueue.length > 0;
  }

  /**
   * The tenant for whom this client may send a statement with the marker.
   *
   * @throws TenantContextMissingError when it was checked out for none
   * @throws TenantMismatchError when it is another tenant's than the current one
   */
  requireTenant(): Tenant {
    const { tenant, isBound } = this.checkout;
    if (!tenant) {
      throw new TenantContextMissingError(
        `The statement names "${TENANT_SCHEMA}", but its connection was checked out for no tenant.`,
      );
    }
    const current = isBound ? tenant : tenantContext.current;
    if (current && current.schema !== tenant.schema) {
      throw new TenantMismatchError('This connection', tenant.schema, current.schema);
    }
    return tenant;
  }

  /** `pg.Client.query`, for the tenant of the checkout. Refuses before a byte is sent. */
  override query(...args: unknown[]): never {
    const [statement, second, third] = args as [Statement, unknown, unknown];
    if (args.length === 1 || (second ?? third) === undefined) {
      const answered = this.answerAtOnce(statement);
      if (answered) return Promise.resolve(answered) as never;
    }
    const text = statementText(statement);
    const send = super.query as (...sent: unknown[]) => unknown;
    let forTenant: [Statement, unknown];
    try {
      forTenant =
        text === undefined ? [statement, second] : this.forTenant(statement, text, second);
      this.prepareFor(...forTenant);
    } catch (error) {
      return refuse(error as Error, statement, second, third) as never;
    }
    if (text === undefined) return send.apply(this, args) as never;
    // Callbacks run in the socket's async context unless they are bound to the caller's.
    const mayHint =
      this.tenant !== undefined && this.pins?.rawSql !== 'search_path' && !carriesMarker(text);
    const sent = [...forTenant, third].map((argument) => {
      if (typeof argument !== 'function') return argument;
      const callback = argument as (error: unknown) => void;
      return AsyncResource.bind(mayHint ? hintingCallback(callback) : callback);
    });
    const result = send.apply(this, sent);
    return (
      mayHint && result instanceof Promise ? withUndefinedTableHint(result) : result
    ) as never;
  }

  /** The answer to a statement that need not be sent now: the start of a transaction, and the end of one without work. */
  private answerAtOnce(statement: Statement): Partial<pg.QueryResult> | undefined {
    if (typeof statement !== 'string') return undefined;
    if (this.start.isEmpty && (this.isInTransaction || this.hasWork)) return undefined;
    if (!this.start.isEmpty && endsTransaction(statement)) this.start.take();
    else if (!this.start.hold(statement)) return undefined;
    return { command: statement.split(' ', 1)[0], rowCount: null, rows: [], fields: [] };
  }

  /** Sends what cannot go ahead of the statement on the wire. */
  private prepareFor(statement: Statement, values: unknown): void {
    if (
      this.pin.length > 0 &&
      isCopyOut(statement) &&
      this.start.isEmpty &&
      !this.isInTransaction
    ) {
      this.start.hold(START);
      this.copyToCommit = statement.text;
    }
    if (!this.start.isEmpty && !isExtended(statement, values)) this.sendStart();
  }

  /** By itself, as its statement may be several, and a mistake in one would keep all from being run. */
  private sendStart(): void {
    const text = this.start
      .take()
      .map((each) => each.text)
      .join('; ');
    super.query(text, (error: Error | null) => {
      // What comes next would be run outside a transaction.
      if (error) this.connection.stream.destroy(error);
    });
  }

  private takePrologue(): readonly PrologueStatement[] {
    if (this.isInTransaction) return [];
    return this.pin.length === 0 ? this.start.take() : [...this.start.take(), ...this.pin];
  }

  private forTenant(statement: Statement, text: string, second: unknown): [Statement, unknown] {
    const { tenant, actsAsOwner } = this.checkout;
    const isWalled = this.pins?.isolation === 'role' && tenant !== undefined && !actsAsOwner;
    let sent = isWalled ? inExtendedProtocol(statement) : statement;
    if (carriesMarker(text)) {
      this.requireTenant();
      sent = withoutName(sent);
    }
    const values = Array.isArray(second) ? second : statementValues(statement);
    if (!values || !parametersCarryMarker(values) || !isCatalogueStatement(text)) {
      return [sent, second];
    }
    const written = writeSchemaIntoParameters(values, this.requireTenant().schema);
    return Array.isArray(second) ? [sent, written] : [withValues(sent, written), second];
  }
}

/** Hands an error to the caller in the way that the caller listens. */
function refuse(error: Error, statement: Statement, second: unknown, third: unknown): unknown {
  // What submits itself has no callback of ours to hear of the error by.
  if (isSubmittable(statement)) throw error;
  const callback = [second, third].find((argument) => typeof argument === 'function');
  if (!callback) return Promise.reject(error);
  process.nextTick(callback as (error: Error) => void, error);
  return undefined;
}
