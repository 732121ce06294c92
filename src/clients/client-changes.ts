import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import pg from 'pg';
import { isBehindTransactionPooler, type TenantDirectory } from '../tenancy/index.js';
import { CLIENT_CHANGES_CHANNEL, type ClientRegistry } from './client-registry.js';

/** Pause before another attempt to listen. */
const RETRY_PAUSE_MS = 1000;

/** How a connection that has gone silent is found out. */
export interface Pulse {
  /** Milliseconds from one question to the next. */
  readonly everyMs: number;
  /** Milliseconds within which it is answered, else the connection is taken for lost. */
  readonly withinMs: number;
}

/** Well within the lifetime of what the directory remembers. */
const PULSE: Pulse = { everyMs: 20_000, withinMs: 5000 };

/** How long tenants are trusted where nobody hears of their changes. */
const UNHEARD_LIFETIME_MS = 5000;

/**
 * Hears of changed tenants, and of what is remembered of their tables, from every process, by LISTEN on a
 * connection of its own, and tells the registry. It needs a direct connection: behind a transaction pooler LISTEN
 * delivers nothing, so tenants are trusted for a few seconds only. Whatever was announced before a question has come before
 * its answer: so it is asked one now and then, and what is remembered is trusted for another lifetime. While the
 * connection is away, remembered tenants are trusted for what is left of theirs; when it is back, none is.
 * https://www.postgresql.org/docs/current/sql-notify.html
 */
export class ClientChanges implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('ClientChanges');
  private readonly stopping = new AbortController();
  private client: pg.Client | undefined;
  private listening: Promise<void> | undefined;

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
    if (await this.isUnheard()) return;
    await this.connect().catch((error: unknown) => this.tellAway(error));
    this.listening = this.keepListening();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    if (this.client) await this.leave(this.client);
    await this.listening;
  }

  /** Whether LISTEN would be in vain, and tenants are trusted for a short time instead. */
  private async isUnheard(): Promise<boolean> {
    // A server that is away for the moment is told of by the attempts to listen.
    if (!(await isBehindTransactionPooler(this.url).catch(() => false))) return false;
    this.directory.limitLifetime(UNHEARD_LIFETIME_MS);
    this.logger.warn(
      'LISTEN delivers nothing through a transaction pooler: tenants are looked up again every ' +
        `${UNHEARD_LIFETIME_MS / 1000} s. Set DATABASE_DIRECT_URL to the address of the server itself.`,
    );
    return true;
  }

  private async keepListening(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      if (this.client) await this.askUntilEnded(this.client);
      if (signal.aborted) return;
      await sleep(RETRY_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.connect().catch((error: unknown) => this.tellAway(error));
    }
  }

  private async connect(): Promise<void> {
    this.client = undefined;
    const client = new pg.Client({
      connectionString: this.url,
      keepAlive: true,
      connectionTimeoutMillis: this.pulse.withinMs,
      query_timeout: this.pulse.withinMs,
      application_name: 'nest-tenant-schemas listener',
    });
    // A connection that breaks ends; an error nobody listens to would end the process.
    client.on('error', (error) => this.tellAway(error));
    client.on('notification', ({ payload }) => this.registry.announce(payload || undefined));
    try {
      await client.connect();
      await client.query(`LISTEN ${CLIENT_CHANGES_CHANNEL}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.client = client;
    // Whatever changed while nobody listened.
    this.registry.announce();
  }

  private async askUntilEnded(client: pg.Client): Promise<void> {
    const over = new AbortController();
    client.once('end', () => over.abort());
    const pause = (): Promise<boolean> =>
      sleep(this.pulse.everyMs, true, { signal: over.signal }).catch(() => false);
    while (await pause()) {
      try {
        await client.query('SELECT');
        this.registry.confirm();
      } catch (error) {
        this.tellAway(error);
        await this.leave(client);
      }
    }
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
    this.logger.warn(`Changes of tenants are not heard of at the moment: ${reason}. Trying again.`);
  }
}
