import { Logger } from '@nestjs/common';
import pg from 'pg';
import { tenantContext } from '../context/tenant-context.js';
import { carriesMarker, TENANT_SCHEMA } from '../core/marker.js';
import { TenantContextMissingError } from '../errors/tenant-context-missing.error.js';
import { DirtyClientError } from '../errors/dirty-client.error.js';
import type { Checkout } from './checkout.interface.js';
import { type Statement, statementText } from './statement.js';
import { TenantClient } from './tenant-client.js';

type Release = (error?: Error | boolean) => void;
type ConnectCallback = (
  error: Error | undefined,
  client?: pg.PoolClient,
  release?: Release,
) => void;

/** The idle clients of `pg.Pool`, which takes the last one; not in its types. */
interface PoolInternals {
  readonly _idle: { readonly client: TenantClient }[];
}

/**
 * One pool for all tenants. A client becomes the tenant's that is current when `connect()` or `query()`
 * is called, and goes back only when nothing of that tenant is left on it.
 */
export class TenantPool extends pg.Pool {
  private readonly logger = new Logger('TenantPool');

  constructor(options?: pg.PoolConfig) {
    super({ ...options, Client: TenantClient } as pg.PoolConfig);
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
    const { scope } = tenantContext;
    const checkout: Checkout = {
      tenant: scope?.tenant,
      isBound: scope?.isBound ?? false,
      actsAsOwner: scope?.actsAsOwner ?? false,
    };
    // pg-pool runs a queued callback in the async context of whoever released the client. Binding the scope
    // alone costs a tenth of an AsyncResource.
    const notify: ConnectCallback = (...args) =>
      tenantContext.runInScope(scope, () => callback(...args));
    // Sockets and timers are made outside every scope: an event of a connection that tenant A opened
    // must not run as A while it serves B.
    tenantContext.runInScope(undefined, () => {
      this.preferIdleClientFor(checkout);
      super.connect((error, client, release) => {
        if (error || !client) return notify(error ?? new Error('The pool gave no connection.'));
        const guarded = this.guardRelease(client as pg.PoolClient & TenantClient, release);
        (client as TenantClient & pg.PoolClient).adopt(checkout);
        return notify(undefined, client, guarded);
      });
    });
    return undefined;
  }

  /** `pg.Pool.query`. A statement that lacks its tenant is refused before it waits for a connection. */
  override query(...args: unknown[]): never {
    const text = args[0] ? statementText(args[0] as Statement) : undefined;
    const callback = args.find((argument) => typeof argument === 'function');
    if (text !== undefined && carriesMarker(text) && !tenantContext.current) {
      const error = new TenantContextMissingError(`The statement names "${TENANT_SCHEMA}".`);
      if (!callback) return Promise.reject(error) as never;
      process.nextTick(callback as (error: Error) => void, error);
      return undefined as never;
    }
    return (super.query as (...sent: unknown[]) => unknown).apply(this, args) as never;
  }

  /** Puts first in line the idle client, if there is one, whose search path need not be written. */
  private preferIdleClientFor(checkout: Checkout): void {
    const { _idle: idle } = this as unknown as PoolInternals;
    const index = idle.findLastIndex(({ client }) => client.isOnPathOf(checkout));
    if (index !== -1) idle.push(...idle.splice(index, 1));
  }

  private guardRelease(client: pg.PoolClient & TenantClient, release: Release): Release {
    let isReleased = false;
    // Outside every scope, as at the checkout: a release may open the connection of the next in line.
    const releaseOutside: Release = (error) =>
      tenantContext.runInScope(undefined, () => release(error));
    const guarded: Release = (error) => {
      // The pool refuses a second release; by now the client may be another tenant's.
      if (isReleased) return releaseOutside(error);
      isReleased = true;
      const { dirt, tenant } = client;
      client.abandon();
      if (!error && dirt !== undefined) {
        const dirty = new DirtyClientError(dirt, tenant?.schema);
        this.logger.warn(dirty.message);
        return releaseOutside(dirty);
      }
      return releaseOutside(error);
    };
    client.release = guarded;
    return guarded;
  }
}
