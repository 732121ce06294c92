import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { isBehindTransactionPooler } from '../connection/pool/transaction-pooler.js';
import { quoteIdentifier } from '../core/names/quote-identifier.js';
import { UNTRACKED_LIFETIME_MS } from '../core/untracked-lifetime.js';
import type { ChangeListenerOptions } from '../interfaces/change-listener-options.interface.js';
import { listenerConfig } from './listener-config.js';
import { NotificationProbe } from './notification-probe.js';
import { OutageLog, type OutageLogger } from './outage-log.js';
import type { PostgresAnnouncer } from './postgres-announcer.js';

/** Pause before another attempt to listen. */
const RETRY_PAUSE_MS = 1000;

/** When the listener probes its connection. */
export interface ProbeTiming {
  /** Milliseconds from one probe to the next. */
  readonly intervalMs: number;
  /** Milliseconds after which a connection counts as lost if a probe did not arrive. */
  readonly timeoutMs: number;
}

/** Well within the lifetime of a cached tenant. */
const TIMING: ProbeTiming = { intervalMs: 20_000, timeoutMs: 5000 };

/** The cache whose trust in its tenants depends on the listener. */
export interface TrackedCache {
  /** Limits how long a tenant is trusted, in milliseconds, and drops all tenants. Infinity removes the limit. */
  setMaxAge(lifetimeMs: number): void;
  /** Trusts all cached tenants as if they had just been read. */
  confirm(): void;
}

/**
 * Learns of changed tenants from every process, by LISTEN on a connection of its own, and delivers them to the announcer.
 * A probe proves that every notification before it has arrived; then cached tenants are trusted for another lifetime. Until
 * the first probe arrives they are trusted for a few seconds only. While the connection is lost they are trusted for the rest of
 * their lifetime, and when it is back, all are looked up again. Decision: docs/decisions/0006-tenant-cache.md.
 * https://www.postgresql.org/docs/current/sql-notify.html
 */
export class TenantChangeListener {
  private readonly connection: OutageLog;
  private readonly delivery: OutageLog;
  private readonly stopping = new AbortController();
  private readonly probe: NotificationProbe;
  private client: pg.Client | undefined;
  private listening: Promise<void> | undefined;
  /** Undefined until an attempt could find it out. */
  private isPooled: boolean | undefined;
  /** Whether a probe arrived, and the first one of each new connection since. */
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

  /** Listens until {@link stop}. An attempt that fails is logged and repeated. */
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
    // The probe alone would not do: each LISTEN would stay with one of the pooler's sessions.
    this.isPooled ??= await isBehindTransactionPooler(config);
    if (this.isPooled) return this.reportUndelivered();
    const client = new pg.Client(config);
    // A connection that breaks ends; an error without a listener would end the process.
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
    // The shutdown came meanwhile, and does not know this connection.
    if (this.stopping.signal.aborted) return this.disconnect(client);
    this.client = client;
    // Any tenant may have changed while no connection listened.
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

  /** Every change until now was delivered. */
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
    // Other subscribers limit the lifetime of what they cache from now on, not of what they have cached.
    this.announcer.deliver();
    this.delivery.fail(
      'LISTEN delivers no notifications, as through a transaction pooler: cached tenants and users are looked up again ' +
        `every ${UNTRACKED_LIFETIME_MS / 1000} s. Set DATABASE_DIRECT_URL (changeListener.url) to the address of the server ` +
        'itself, with the same database.',
    );
  }

  /** Ends a connection. One that has gone silent would not answer, and is destroyed. */
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
