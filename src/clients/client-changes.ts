import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import pg from 'pg';
import { isBehindTransactionPooler, type TenantDirectory } from 'nest-tenant-schemas';
import { CLIENT_CHANGES_CHANNEL, type ClientRegistry } from './client-registry.js';
import { OutageLog } from './outage-log.js';

/** Pause before another attempt to listen. */
const RETRY_PAUSE_MS = 1000;

/** How it is found out whether a connection hears. */
export interface Pulse {
  /** Milliseconds from one notification of its own to the next. */
  readonly everyMs: number;
  /** Milliseconds within which it comes back, else the connection is taken for lost. */
  readonly withinMs: number;
}

/** Well within the lifetime of what the directory remembers. */
const PULSE: Pulse = { everyMs: 20_000, withinMs: 5000 };

/** How long tenants and users are trusted where it is not known that changes of them are heard of. */
const UNHEARD_LIFETIME_MS = 5000;

/**
 * Hears of changed tenants, and of what is remembered of their tables, from every process, by LISTEN on a
 * connection of its own, and tells the registry. It needs a direct connection: behind a transaction pooler LISTEN
 * delivers nothing. So now and then the pool sends it a notification. Once it comes back, whatever was announced before has come as
 * well, and what is remembered is trusted for another lifetime; where none ever came back, for a few seconds only. While the
 * connection is away, remembered tenants are trusted for what is left of theirs; when it is back, none is.
 * https://www.postgresql.org/docs/current/sql-notify.html
 */
export class ClientChanges implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly connection = new OutageLog(new Logger('ClientChanges'));
  private readonly delivery = new OutageLog(new Logger('ClientChanges'));
  private readonly stopping = new AbortController();
  /** This one's own, so that it wakes nobody else. */
  private readonly pulseChannel = `tenant_schemas_pulse_${randomUUID()}`;
  private client: pg.Client | undefined;
  private listening: Promise<void> | undefined;
  /** Undefined as long as it could not be found out. */
  private isPooled: boolean | undefined;
  /** Whether a notification came back, and none has failed to since on a new connection. */
  private isProven = false;

  constructor(
    private readonly registry: ClientRegistry,
    private readonly directory: TenantDirectory,
    private readonly adapterHost: HttpAdapterHost,
    private readonly url: string,
    private readonly pulse = PULSE,
  ) {}

  /** Listens in a server; commands look tenants up once, and need not. */
  async onApplicationBootstrap(): Promise<void> {
    if (!this.adapterHost.httpAdapter) return;
    this.directory.limitLifetime(UNHEARD_LIFETIME_MS);
    await this.connect().catch((error: unknown) => this.tellAway(error));
    this.listening = this.keepListening();
  }

  /** After the last request: until then a tenant may be suspended. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    if (this.client) await this.leave(this.client);
    await this.listening;
  }

  private async keepListening(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted && !this.isPooled) {
      if (this.client) await this.askUntilEnded(this.client);
      if (signal.aborted) return;
      await sleep(RETRY_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.connect().catch((error: unknown) => this.tellAway(error));
    }
  }

  private async connect(): Promise<void> {
    this.client = undefined;
    const config = {
      connectionString: this.url,
      keepAlive: true,
      connectionTimeoutMillis: this.pulse.withinMs,
      query_timeout: this.pulse.withinMs,
      application_name: 'nest-tenant-schemas listener',
    };
    // Not left to the notification: each LISTEN would stay with a session of the pooler's.
    this.isPooled ??= await isBehindTransactionPooler(config);
    if (this.isPooled) return this.tellUnheard();
    const client = new pg.Client(config);
    // A connection that breaks ends; an error nobody listens to would end the process.
    client.on('error', (error) => this.tellAway(error));
    client.on('notification', ({ channel, payload }) => {
      if (channel === this.pulseChannel) this.confirm();
      else this.registry.announce(payload || undefined);
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${CLIENT_CHANGES_CHANNEL}; LISTEN "${this.pulseChannel}"`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    // Stopped meanwhile: nobody else would end it.
    if (this.stopping.signal.aborted) return this.leave(client);
    this.client = client;
    // Whatever changed while nobody listened.
    this.registry.announce();
    if (await this.isUnheard(client)) this.tellUnheard();
  }

  private async askUntilEnded(client: pg.Client): Promise<void> {
    const over = new AbortController();
    client.once('end', () => over.abort());
    const pause = (): Promise<boolean> =>
      sleep(this.pulse.everyMs, true, { signal: over.signal }).catch(() => false);
    while (await pause()) {
      if (!(await this.isUnheard(client))) continue;
      this.tellAway(new Error('a notification has not come back'));
      await this.leave(client);
    }
  }

  /**
   * Whether a notification was sent to the connection, and has not come back in time. Sent by the pool: behind a pooler, the
   * session that listens would tell of one sent on the same connection, if it happens to be the one that sends it.
   */
  private async isUnheard(client: pg.Client): Promise<boolean> {
    const over = new AbortController();
    const end = (): void => over.abort();
    const hear = ({ channel }: pg.Notification): void => {
      if (channel === this.pulseChannel) end();
    };
    client.on('notification', hear).on('end', end);
    const patience = (signal?: AbortSignal): Promise<boolean> =>
      sleep(this.pulse.withinMs, true, { ref: false, ...(signal && { signal }) }).catch(
        () => false,
      );
    try {
      // What a busy pool, or none, does not send in time says nothing of the connection.
      const sent = this.registry.notify(this.pulseChannel).then(
        () => true,
        () => false,
      );
      const isSent = await Promise.race([sent, patience().then(() => false)]);
      return isSent && (await patience(over.signal));
    } finally {
      client.off('notification', hear).off('end', end);
    }
  }

  /** What was announced until now has been heard of. */
  private confirm(): void {
    if (!this.isProven) this.directory.limitLifetime(Infinity);
    this.isProven = true;
    this.connection.recover('The tenant change listener is connected again.');
    this.delivery.recover('LISTEN delivers notifications again.');
    this.registry.confirm();
  }

  private tellUnheard(): void {
    this.isProven = false;
    this.directory.limitLifetime(UNHEARD_LIFETIME_MS);
    // What is remembered of users has its lifetime already.
    this.registry.announce();
    this.delivery.fail(
      'LISTEN delivers nothing, as through a transaction pooler: tenants and users are looked up again every ' +
        `${UNHEARD_LIFETIME_MS / 1000} s. Set DATABASE_DIRECT_URL to the address of the server itself, with the same database.`,
    );
  }

  /** Ends a connection. One that has gone silent does not take its leave. */
  private async leave(client: pg.Client): Promise<void> {
    const ended = client.end().then(
      () => true,
      () => true,
    );
    const patience = sleep(this.pulse.withinMs, false, { ref: false });
    if (!(await Promise.race([ended, patience]))) client.connection.stream.destroy();
  }

  private tellAway(error: unknown): void {
    if (this.stopping.signal.aborted) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.connection.fail(`Lost the tenant change listener: ${reason}. Reconnecting.`);
  }
}
