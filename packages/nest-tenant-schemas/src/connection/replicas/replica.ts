import type pg from 'pg';
import { tenantContext } from '../../context/tenant-context.js';
import { warn } from '../../core/warnings.js';
import { TenancyError } from '../../errors/tenancy.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import { ReplayedTenants } from './replayed-tenants.js';

/** Describes a checked out connection, in the form of TypeORM's driver. */
export type Connection = [client: pg.PoolClient, release: (error?: Error | boolean) => void];

/** Sets the pause between two attempts to reach an unavailable replica, in milliseconds. */
const RETRY_MS = 1000;

const clients = new WeakSet<object>();

/** Returns whether the client is connected to a replica. */
export function isOnReplica(client: object | undefined): boolean {
  return client !== undefined && clients.has(client);
}

/**
 * Holds the pool of one replica. Only attempts in the background wait for an unavailable replica, so no read
 * does.
 */
export class Replica {
  private readonly tenants: ReplayedTenants;
  private pool: pg.Pool | undefined;
  private isConnected = false;
  private hasOutage = false;
  private hasEnded = false;
  private retry: NodeJS.Timeout | undefined;

  /**
   * @param name host, port and database, for log lines
   * @param openPool creates the pool and its first connection, or rejects
   * @param primary returns the pool of the primary
   */
  constructor(
    private readonly name: string,
    private readonly openPool: () => Promise<pg.Pool>,
    primary: () => pg.Pool,
  ) {
    this.tenants = new ReplayedTenants(primary, () => this.pool as pg.Pool);
  }

  /** Returns whether the replica answered the last attempt, and has the schema of the tenant. */
  serves(tenant: Tenant): boolean {
    return this.isConnected && this.tenants.has(tenant);
  }

  /** Connects in the background, and repeats failed attempts until `end()`. */
  start(): void {
    this.retry = undefined;
    tenantContext.runInScope(undefined, () => {
      this.attempt().then(
        () => this.noteAnswer(),
        (error: Error) => this.noteOutage(error),
      );
    });
  }

  /**
   * Checks out a connection for the current tenant.
   *
   * @returns undefined if the server cannot be reached. Later reads then skip it
   * @throws PoolExhaustedError when no connection becomes free in time
   */
  async connect(): Promise<Connection | undefined> {
    try {
      const client = await (this.pool as pg.Pool).connect();
      clients.add(client);
      return [client, (error) => client.release(error)];
    } catch (error) {
      if (error instanceof TenancyError) throw error;
      this.noteOutage(error as Error);
      return undefined;
    }
  }

  /** Closes the pool. */
  async end(): Promise<void> {
    this.hasEnded = true;
    this.isConnected = false;
    this.tenants.end();
    clearTimeout(this.retry);
    await this.pool?.end();
  }

  private async attempt(): Promise<void> {
    if (this.pool) {
      (await this.pool.connect()).release();
      return;
    }
    const pool = await this.openPool();
    if (this.hasEnded) return pool.end();
    this.pool = pool;
    const watch = (client: pg.PoolClient): unknown => client.on('error', () => this.noteLoss());
    pool.on('connect', watch);
    // The pool already has a connection, which it opened before it was watched.
    const client = await pool.connect();
    watch(client);
    client.release();
  }

  private noteAnswer(): void {
    if (this.hasEnded) return;
    this.isConnected = true;
    clearTimeout(this.retry);
    this.retry = undefined;
    if (this.hasOutage) warn(`The replica ${this.name} answers again. Reads use it.`, 'Replica');
    this.hasOutage = false;
  }

  /** Checks a server that closed a connection. It may have restarted. */
  private noteLoss(): void {
    if (this.hasEnded || !this.isConnected) return;
    this.isConnected = false;
    this.tenants.forget();
    this.start();
  }

  private noteOutage(error: Error): void {
    if (this.hasEnded) return;
    this.isConnected = false;
    this.tenants.forget();
    if (!this.hasOutage) {
      warn(
        `The replica ${this.name} cannot be reached: ${reasonOf(error)}. Reads use other servers until it answers.`,
        'Replica',
      );
    }
    this.hasOutage = true;
    // Reads that failed at the same time share one attempt.
    this.retry ??= setTimeout(() => this.start(), RETRY_MS).unref();
  }
}

/** Returns the message of an error. A host with several addresses causes an AggregateError with an empty message. */
function reasonOf(error: Error): string {
  const { errors = [error] } = error as { errors?: readonly Error[] };
  return errors.map(({ message }) => message).join('; ');
}
