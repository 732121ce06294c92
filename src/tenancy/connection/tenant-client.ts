import { AsyncResource } from 'node:async_hooks';
import pg from 'pg';
import { tenantContext } from '../context/tenant-context.js';
import {
  isCatalogueStatement,
  parametersCarryMarker,
  writeSchemaIntoParameters,
} from '../core/catalogue-statement.js';
import { carriesMarker, TENANT_SCHEMA } from '../core/marker.js';
import { TenantContextMissingError } from '../errors/tenant-context-missing.error.js';
import { TenantMismatchError } from '../errors/tenant-mismatch.error.js';
import { SessionPinError } from '../errors/session-pin.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { Checkout } from './checkout.interface.js';
import { hasPins, type PinOptions } from './pin-options.js';
import { SessionPin } from './session-pin.js';
import {
  inExtendedProtocol,
  isSubmittable,
  readsByParts,
  type Statement,
  statementText,
  statementValues,
  withoutName,
  withValues,
} from './statement.js';
import { hintingCallback, withUndefinedTableHint } from './undefined-table-hint.js';
import { writeSchemaOnTheWire } from './write-schema-on-the-wire.js';

/** The parts of `pg.Client` that tell which work it has; not in its types. */
interface ClientInternals {
  pipeline: boolean;
  readyForQuery: boolean;
  _activeQuery: unknown;
  readonly _queryQueue: readonly unknown[];
  readonly _sentQueryQueue: unknown[];
  _pulseQueryQueue(): void;
}

const pulseQueryQueue = (pg.Client.prototype as unknown as ClientInternals)._pulseQueryQueue;

const NOBODY: Checkout = { tenant: undefined, isBound: false };

/**
 * A connection that belongs to one tenant from its checkout to its release and writes that tenant's
 * schema over the marker in all that it sends. It leaves no state on the server, unless pins are asked for.
 */
export class TenantClient extends pg.Client {
  private checkout = NOBODY;
  private readonly pins: PinOptions | undefined;
  private readonly pin: SessionPin | undefined;
  /** Whether the checkout has sent nothing yet. */
  private isFresh = false;

  constructor(config?: pg.ClientConfig & { readonly pins?: PinOptions }) {
    super(config);
    this.pins = config?.pins && hasPins(config.pins) ? config.pins : undefined;
    if (this.pins) this.pin = new SessionPin(this.pins, this.database ?? '', this.connection);
    // A connection lost while checked out fails its statements. Without a listener the event would also
    // end the process, and with it the work of every other tenant.
    this.on('error', () => undefined);
    writeSchemaOnTheWire(this.connection, () => this.requireTenant().schema);
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
    this.isFresh = true;
  }

  /** Called by the pool at every release. */
  abandon(): void {
    this.checkout = NOBODY;
    this.isFresh = false;
  }

  /** Whether a checkout would find its search path set. */
  isOnPathOf(checkout: Checkout): boolean {
    return this.pin?.isOnPathOf(checkout) ?? false;
  }

  /**
   * Why the client may not serve another tenant, or undefined when nothing of this one is left on it.
   * The transaction status alone does not tell: with an un-awaited START TRANSACTION under way it is
   * still idle, and the next tenant's COMMIT would make this one's rows permanent.
   */
  get dirt(): string | undefined {
    const { _activeQuery, _queryQueue, _sentQueryQueue } = this as unknown as ClientInternals;
    // Undefined on a new connection that has sent nothing, null after its first statement.
    if (_activeQuery || _queryQueue.length > 0 || _sentQueryQueue.length > 0) {
      return 'a statement was still under way';
    }
    // Null until the first statement has been answered.
    return (this.getTransactionStatus() ?? 'I') === 'I'
      ? undefined
      : 'a transaction was still open';
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
    const text = statementText(statement);
    if (text === undefined) return this.send(args) as never;
    let forTenant: [Statement, unknown];
    try {
      forTenant = this.forTenant(statement, text, second);
    } catch (error) {
      return refuse(error as Error, statement, second, third) as never;
    }
    // Callbacks run in the socket's async context unless they are bound to the caller's.
    const mayHint =
      this.tenant !== undefined && this.pins?.rawSql !== 'search_path' && !carriesMarker(text);
    const sent = [...forTenant, third].map((argument) => {
      if (typeof argument !== 'function') return argument;
      const callback = argument as (error: unknown) => void;
      return AsyncResource.bind(mayHint ? hintingCallback(callback) : callback);
    });
    const result = this.send(sent);
    return (
      mayHint && result instanceof Promise ? withUndefinedTableHint(result) : result
    ) as never;
  }

  /** Sends a statement, and ahead of the first one of a checkout its pin, in one flush. */
  private send(args: readonly unknown[]): unknown {
    const send = super.query as (...sent: unknown[]) => unknown;
    const pin = this.isFresh ? this.pin?.statementFor(this.checkout) : undefined;
    this.isFresh = false;
    if (pin === undefined) return send.apply(this, [...args]);
    const client = this as unknown as ClientInternals;
    const { pipeline } = client;
    const { checkout } = this;
    this.connection.stream.cork();
    // What reads by parts may not be pipelined: it is sent when the pin is answered.
    client.pipeline = pipeline || !readsByParts(args[0] as Statement);
    try {
      send.call(this, pin, (error: Error | null) => this.pinAnswered(checkout, error));
      return send.apply(this, [...args]);
    } finally {
      client.pipeline = pipeline;
      this.connection.stream.uncork();
    }
  }

  private pinAnswered(checkout: Checkout, error: Error | null): void {
    if (!error) return this.pin?.confirm(checkout);
    // The session is over; what was sent behind it is told why.
    if (error instanceof pg.DatabaseError) {
      this.connection.stream.destroy(new SessionPinError(checkout.tenant?.schema, error));
    }
  }

  /**
   * Gives the next answer to what was sent behind the pin. Only that is sent ahead of its turn: `pg` itself
   * looks at what it has sent only as long as the whole client is in pipeline mode, which refuses cursors,
   * streams and COPY.
   */
  protected _pulseQueryQueue(): void {
    const client = this as unknown as ClientInternals;
    if (client.pipeline || client._sentQueryQueue.length === 0) return pulseQueryQueue.call(this);
    if (!client.readyForQuery || client._activeQuery) return;
    client._activeQuery = client._sentQueryQueue.shift();
    client.readyForQuery = false;
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
