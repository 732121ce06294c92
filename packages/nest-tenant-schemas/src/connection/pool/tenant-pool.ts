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
import { assertPoolOptions } from './refused-pool-options.js';
import { areTimeoutsRefused, dropTimeouts, hasTimeouts } from '../wire/session-timeouts.js';
import { type Statement, statementText } from '../client/statement.js';
import { TenantClient } from '../client/tenant-client.js';

type Release = (error?: Error | boolean) => void;
type ConnectCallback = (
  error: Error | undefined,
  client?: pg.PoolClient,
  release?: Release,
) => void;

/** What `tenantDataSourceOptions` tells the pool beside node-postgres' own options. */
export interface TenantPoolOptions extends pg.PoolConfig {
  readonly connectionLimits?: ConnectionLimits;
}

/** As pg-pool says it. */
const RELEASED_TWICE = 'Release called on client which has already been released to the pool.';

/** The release of a checkout that gave no client, as pg-pool has it. */
const doNothing: Release = () => undefined;

/** After what the application does with a new connection itself. */
async function initialize(
  client: pg.ClientBase,
  onConnect: pg.PoolConfig['onConnect'],
): Promise<void> {
  await onConnect?.(client);
  await (client as TenantClient).initialize();
}

/**
 * One pool for all tenants. A client becomes the tenant's that is current when `connect()` or `query()`
 * is called, and goes back only when nothing of that tenant is left on it.
 */
export class TenantPool extends pg.Pool {
  private readonly scheduler: ConnectionScheduler;

  /** @throws TenancyOptionsError for an option of node-postgres that the engine cannot work with */
  constructor(options?: TenantPoolOptions) {
    assertPoolOptions(options);
    super({
      ...options,
      Client: TenantClient,
      onConnect: (client: pg.ClientBase) => initialize(client, options?.onConnect),
      // pg-pool would set a timer at every checkout, for those who wait in it: nobody does.
      connectionTimeoutMillis: 0,
      connectTimeoutMs: options?.connectionTimeoutMillis,
    } as pg.PoolConfig);
    const { max } = this.options;
    this.scheduler = new ConnectionScheduler(
      max,
      connectionLimits(max, options?.connectionLimits),
      new PooledConnections(this as PoolInternals),
    );
    // What the scheduler lets through finds a connection, or room for one: no checkout waits in pg-pool itself.
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
    // pg-pool has an error of its own then.
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
    // pg-pool runs a queued callback in the async context of whoever released the client. Binding the scope
    // alone costs a tenth of an AsyncResource.
    const notify: ConnectCallback = (error, client, release = doNothing) =>
      tenantContext.runInScope(scope, () => callback(error, client, release));
    // Sockets and timers are made outside every scope: an event of a connection that tenant A opened
    // must not run as A while it serves B.
    tenantContext.runInScope(undefined, () => {
      const { tenant, actsAsOwner } = checkout;
      // The migration of a fleet visits each schema once: it waits for no particular connection.
      this.scheduler.acquire(tenant?.schema, actsAsOwner === true, (refused) => {
        if (refused) notify(refused);
        else this.checkOut(checkout, notify);
      });
    });
    return undefined;
  }

  /** `pg.Pool.query`. A statement that lacks its tenant is refused before it waits for a connection. */
  override query(...args: unknown[]): never {
    const text = args[0] ? statementText(args[0] as Statement) : undefined;
    const callback = args.find((argument) => typeof argument === 'function');
    if (text !== undefined && hasPlaceholder(text) && !tenantContext.current) {
      const error = new TenantContextMissingError(`The statement names "${TENANT_SCHEMA}".`);
      if (!callback) return Promise.reject(error) as never;
      process.nextTick(callback as (error: Error) => void, error);
      return undefined as never;
    }
    return (super.query as (...sent: unknown[]) => unknown).apply(this, args) as never;
  }

  /** Ends the pool; who still waits for a connection is refused. */
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
        notify(error ?? new Error('The pool gave no connection.'));
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
    // Outside every scope, as at the checkout: a release may open the connection of the next in line.
    const returnToPool: Release = (error) =>
      tenantContext.runInScope(undefined, () => {
        release(error);
        this.scheduler.release(schema);
      });
    const guarded: Release = (error) => {
      // By now the client may be another tenant's.
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
