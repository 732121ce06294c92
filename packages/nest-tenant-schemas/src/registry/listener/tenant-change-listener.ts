import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { isBehindTransactionPooler } from '../../connection/pool/transaction-pooler.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { UNTRACKED_LIFETIME_MS } from '../../core/untracked-lifetime.js';
import type { ChangeListenerOptions } from '../../interfaces/change-listener-options.interface.js';
import { listenerConfig } from './listener-config.js';
import { NotificationProbe } from './notification-probe.js';
import { OutageLog, type OutageLogger } from './outage-log.js';
import type { PostgresAnnouncer } from './postgres-announcer.js';

/** Sets the pause between attempts to listen. */
const RETRY_PAUSE_MS = 1000;

/** Sets when the listener probes its connection. */
export interface ProbeTiming {
  /** Milliseconds from one probe to the next. */
  readonly intervalMs: number;
  /** Milliseconds after which a connection counts as lost if its probe has not arrived. */
  readonly timeoutMs: number;
}

/** Sets intervals that are much shorter than the lifetime of a cached tenant. */
const TIMING: ProbeTiming = { intervalMs: 20_000, timeoutMs: 5000 };

/** Describes the cache whose entries stay valid while the listener works. */
export interface TrackedCache {
  /** Limits the age of cached tenants, in milliseconds, and evicts all. Infinity removes the limit. */
  setMaxAge(lifetimeMs: number): void;
  /** Restarts the age of all cached tenants. */
  confirm(): void;
}

/**
 * Receives changes of tenants from every process, by LISTEN on its own connection, and passes them to the
 * announcer.
 *
 * A probe proves that all earlier notifications have arrived, so the listener confirms the cache. Until the
 * first probe arrives, cached tenants stay valid for a few seconds only. While the connection is lost, they
 * stay valid for the rest of their lifetime. After a reconnect, the cache looks all tenants up again.
 * Decision: docs/decisions/0006-tenant-cache.md.
 * https://www.postgresql.org/docs/current/sql-notify.html
 */
export class TenantChangeListener {
  private readonly connection: OutageLog;
  private readonly delivery: OutageLog;
  private readonly stopping = new AbortController();
  private readonly probe: NotificationProbe;
  private client: pg.Client | undefined;
  private listening: Promise<void> | undefined;
  /** Undefined until an attempt has found it out. */
  private isPooled: boolean | undefined;
  /** Whether a probe has arrived, and the first probe of each later connection too. */
  private isProven = false;

  constructor(
    private readonly announcer: PostgresAnnouncer,
    private readonly cache: TrackedCache,
    private readonly dataSource: DataSource,
    private readonly options: ChangeListenerOptions,
    logger: OutageLogger,
    private readonly timing = TIMING,
  ) {
    this.connection = new OutageLog(logger);
    this.delivery = new OutageLog(logger);
    this.probe = new NotificationProbe(dataSource, timing.timeoutMs);
    cache.setMaxAge(UNTRACKED_LIFETIME_MS);
  }

  /** Listens until {@link stop}. It logs a failed attempt and repeats it. */
  async start(): Promise<void> {
    await this.connect().catch((error: unknown) => this.reportLost(error));
    this.listening = this.keepListening();
  }

  /** Stops listening. */
  async stop(): Promise<void> {
    this.stopping.abort();
    if (this.client) await this.disconnect(this.client);
    await this.listening;
  }

  private async keepListening(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted && !this.isPooled) {
      if (this.client) await this.probeUntilEnd(this.client);
      if (signal.aborted) return;
      await sleep(RETRY_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.connect().catch((error: unknown) => this.reportLost(error));
    }
  }

  private async connect(): Promise<void> {
    this.client = undefined;
    const config = listenerConfig(this.dataSource, this.options.url, this.timing.timeoutMs);
    // A probe would not detect it, and each LISTEN would stay in one of the pooler's sessions.
    this.isPooled ??= await isBehindTransactionPooler(config);
    if (this.isPooled) return this.reportUndelivered();
    const client = new pg.Client(config);
    // A broken connection ends. Without a listener, the error event would also end the process.
    client.on('error', (error) => this.reportLost(error));
    client.on('notification', ({ channel, payload }) => {
      if (channel === this.probe.channel) this.confirm();
      else this.announcer.deliver(payload || undefined);
    });
    try {
      await client.connect();
      const channels = [this.options.channel, this.probe.channel];
      await client.query(channels.map((name) => `LISTEN ${quoteIdentifier(name)}`).join('; '));
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    // The shutdown came during the connect and has not closed this connection.
    if (this.stopping.signal.aborted) return this.disconnect(client);
    this.client = client;
    // Any tenant may have changed while no connection was listening.
    this.announcer.deliver();
    if (await this.probe.isLost(client)) this.reportUndelivered();
  }

  private async probeUntilEnd(client: pg.Client): Promise<void> {
    const over = new AbortController();
    client.once('end', () => over.abort());
    const pause = (): Promise<boolean> =>
      sleep(this.timing.intervalMs, true, { signal: over.signal }).catch(() => false);
    while (await pause()) {
      if (!(await this.probe.isLost(client))) continue;
      this.reportLost(new Error('a notification did not arrive'));
      await this.disconnect(client);
    }
  }

  /** Confirms that every change until now was delivered. */
  private confirm(): void {
    if (!this.isProven) this.cache.setMaxAge(Infinity);
    this.isProven = true;
    this.connection.recover('The tenant change listener is connected again.');
    this.delivery.recover('LISTEN delivers notifications again.');
    this.cache.confirm();
  }

  private reportUndelivered(): void {
    this.isProven = false;
    this.cache.setMaxAge(UNTRACKED_LIFETIME_MS);
    // Other subscribers limit the lifetime of new entries only, so they must evict their current ones.
    this.announcer.deliver();
    this.delivery.fail(
      'LISTEN delivers no notifications, as through a transaction pooler: cached tenants and users are looked up again ' +
        `every ${UNTRACKED_LIFETIME_MS / 1000} s. Set DATABASE_DIRECT_URL (changeListener.url) to the address of the server ` +
        'itself, with the same database.',
    );
  }

  /** Ends a connection. If it does not answer in time, its socket is destroyed. */
  private async disconnect(client: pg.Client): Promise<void> {
    const ended = client.end().then(
      () => true,
      () => true,
    );
    const timeout = sleep(this.timing.timeoutMs, false, { ref: false });
    if (!(await Promise.race([ended, timeout]))) client.connection.stream.destroy();
  }

  private reportLost(error: unknown): void {
    if (this.stopping.signal.aborted) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.connection.fail(`Lost the tenant change listener: ${reason}. Reconnecting.`);
  }
}
