import pg from 'pg';
import { tenantContext } from '../../context/tenant-context.js';
import { hasPlaceholder, TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { warn } from '../../core/warnings.js';
import { TenantContextMissingError } from '../../errors/tenant-context-missing.error.js';
import { DirtyClientError } from '../../errors/connection/dirty-client.error.js';
import type { Checkout } from './checkout.interface.js';
import { type ConnectionLimits, connectionLimits } from './connection-limits.js';
import { ConnectionScheduler } from './connection-scheduler.js';
import { PooledConnections, type PoolInternals } from './pooled-connections.js';
import { assertPoolOptions } from './checks/refused-pool-options.js';
import { areTimeoutsRefused, dropTimeouts, hasTimeouts } from '../wire/session-timeouts.js';
import { parametersOf, type Statement, statementText } from '../client/statement.js';
import { assertParametersOfTenant } from '../typeorm/entities/assert-entity.js';
import { TenantClient } from '../client/tenant-client.js';

type Release = (error?: Error | boolean) => void;
type ConnectCallback = (
  error: Error | undefined,
  client?: pg.PoolClient,
  release?: Release,
) => void;

/** Extends the options of node-postgres with those of `tenantDataSourceOptions`. */
export interface TenantPoolOptions extends pg.PoolConfig {
  readonly connectionLimits?: ConnectionLimits;
}

/** Repeats the error text of pg-pool. */
const RELEASED_TWICE = 'Release called on client which has already been released to the pool.';

/** @throws TenantContextMissingError, TenantMismatchError */
function assertSendable(statement: Statement, second: unknown): void {
  const { scope } = tenantContext;
  const text = statementText(statement);
  if (text !== undefined && hasPlaceholder(text) && !scope?.tenant) {
    throw new TenantContextMissingError(`The statement names "${TENANT_SCHEMA}".`);
  }
  assertParametersOfTenant(parametersOf(statement, second), scope);
}

/** Replaces the release of a failed checkout, like pg-pool does. */
const doNothing: Release = () => undefined;

/** Prepares a new connection, after the application's own `onConnect`. */
async function initialize(
  client: pg.ClientBase,
  onConnect: pg.PoolConfig['onConnect'],
): Promise<void> {
  await onConnect?.(client);
  await (client as TenantClient).initialize();
}

/**
 * Serves all tenants with one pool. It binds a client to the tenant that is current when `connect()` or
 * `query()` is called. It closes a client that still has open work of its tenant at the release.
 */
export class TenantPool extends pg.Pool {
  private readonly scheduler: ConnectionScheduler;

  /** @throws TenancyOptionsError for an unsupported option of node-postgres */
  constructor(options?: TenantPoolOptions) {
    assertPoolOptions(options);
    super({
      ...options,
      Client: TenantClient,
      onConnect: (client: pg.ClientBase) => initialize(client, options?.onConnect),
      // Otherwise pg-pool would set a timer at every checkout, although no checkout waits in pg-pool.
      connectionTimeoutMillis: 0,
      connectTimeoutMs: options?.connectionTimeoutMillis,
    } as pg.PoolConfig);
    const { max } = this.options;
    this.scheduler = new ConnectionScheduler(
      max,
      connectionLimits(max, options?.connectionLimits),
      new PooledConnections(this as PoolInternals),
    );
    // A checkout that the scheduler grants finds a connection or room for one, so no checkout waits in
    // pg-pool.
    Object.defineProperty(this, 'waitingCount', { get: () => this.scheduler.waiting });
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (!callback) {
      return new Promise((resolve, reject) => {
        this.connect((error, client) => {
          if (client) resolve(client);
          else reject(error as Error);
        });
      });
    }
    // pg-pool reports its own error for an ended pool.
    if (this.ending) {
      super.connect(callback as never);
      return undefined;
    }
    const { scope } = tenantContext;
    const checkout: Checkout = {
      tenant: scope?.tenant,
      isBound: scope?.isBound ?? false,
      actsAsOwner: scope?.actsAsOwner ?? false,
    };
    // pg-pool runs a queued callback in the async context of the caller that released the client. Binding
    // only the scope costs a tenth of an AsyncResource.
    const notify: ConnectCallback = (error, client, release = doNothing) =>
      tenantContext.runInScope(scope, () => callback(error, client, release));
    // Sockets and timers start outside every scope. An event of a connection that tenant A opened must not
    // run as A while it serves B.
    tenantContext.runInScope(undefined, () => {
      const { tenant, actsAsOwner } = checkout;
      // Work as the owner visits each schema once, so it does not wait for a particular connection.
      this.scheduler.acquire(tenant?.schema, actsAsOwner === true, (refused) => {
        if (refused) notify(refused);
        else this.checkOut(checkout, notify);
      });
    });
    return undefined;
  }

  /**
   * Runs one statement, like `pg.Pool.query`. It rejects a statement without its tenant, and another tenant's
   * entities, before it waits for a connection.
   */
  override query(...args: unknown[]): never {
    const statement = args[0] as Statement | undefined;
    try {
      if (statement) assertSendable(statement, args[1]);
    } catch (error) {
      const callback = args.find((argument) => typeof argument === 'function');
      if (!callback) return Promise.reject(error) as never;
      process.nextTick(callback as (error: unknown) => void, error);
      return undefined as never;
    }
    return (super.query as (...sent: unknown[]) => unknown).apply(this, args) as never;
  }

  /** Ends the pool and rejects waiting checkouts. */
  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: () => void): Promise<void> | undefined {
    const ended = callback ? super.end(callback) : super.end();
    this.scheduler.close(new Error('The pool has ended.'));
    return ended as Promise<void> | undefined;
  }

  private checkOut(checkout: Checkout, notify: ConnectCallback): void {
    const schema = checkout.tenant?.schema;
    const hadTimeouts = hasTimeouts(this.options);
    super.connect((error, client, release) => {
      if (error && hadTimeouts && areTimeoutsRefused(error)) {
        dropTimeouts(this.options);
        this.checkOut(checkout, notify);
        return;
      }
      if (error || !client) {
        this.scheduler.release(schema);
        notify(error ?? new Error('The pool returned no connection.'));
        return;
      }
      const guarded = this.guardRelease(client as pg.PoolClient & TenantClient, release, schema);
      (client as TenantClient & pg.PoolClient).bind(checkout);
      notify(undefined, client, guarded);
    });
  }

  private guardRelease(
    client: pg.PoolClient & TenantClient,
    release: Release,
    schema: string | undefined,
  ): Release {
    let isReleased = false;
    // Runs outside every scope, because a release may open the connection of the next checkout.
    const returnToPool: Release = (error) =>
      tenantContext.runInScope(undefined, () => {
        release(error);
        this.scheduler.release(schema);
      });
    const guarded: Release = (error) => {
      // The client may already serve another tenant.
      if (isReleased) throw new Error(RELEASED_TWICE);
      isReleased = true;
      const { tenant } = client;
      client.unbind();
      if (error) return returnToPool(error);
      client.whenReady(() => {
        const { releaseProblem, shouldClose } = client;
        if (releaseProblem === undefined) return returnToPool(shouldClose);
        const dirty = new DirtyClientError(releaseProblem, tenant?.schema);
        warn(dirty.message, 'TenantPool');
        returnToPool(dirty);
      });
    };
    client.release = guarded;
    return guarded;
  }
}
