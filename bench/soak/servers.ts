// PostgreSQL, PgBouncer if asked for, a proxy that can be cut, and the application behind them, each a real process.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type CountingProxy, startCountingProxy } from 'test-support/counting-proxy.js';
import { type RunningServer, startServer } from '../../test/support/processes.js';
import { startPgBouncer, type ThrowAwayServer } from 'test-support/throw-away.js';
import { startEmbedded, type ThrowAwayEmbedded } from 'test-support/throw-away-embedded.js';

const APPLICATION = `datname = 'tenant_schemas' AND application_name LIKE 'nest-tenant-schemas%'`;

/** How long a connection may take to become idle after the last answer: less than any time limit that would end its work. */
const IDLE_LIMIT_MS = 5000;
const IDLE_PAUSE_MS = 100;

export class SoakServers {
  private constructor(
    private readonly database: ThrowAwayEmbedded,
    private readonly pooler: ThrowAwayServer | undefined,
    private readonly proxy: CountingProxy,
    private readonly application: RunningServer,
  ) {}

  static async start(hasPooler: boolean): Promise<SoakServers> {
    const database = await startEmbedded();
    const pooler = hasPooler ? await startPgBouncer(database.url) : undefined;
    const proxy = await startCountingProxy(pooler?.url ?? database.url);
    const application = await startServer({
      DATABASE_URL: proxy.url,
      DATABASE_DIRECT_URL: database.url,
      LOG_LEVEL: 'fatal',
      RATE_LIMIT_LOOK_UP: '0',
    });
    return new SoakServers(database, pooler, proxy, application);
  }

  get url(): string {
    return this.application.url;
  }

  /** Megabytes of the application's process. */
  get memory(): number {
    const status = readFileSync(`/proc/${this.application.process.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
  }

  cut(): void {
    this.proxy.cut();
  }

  restart(): Promise<void> {
    return this.database.restart();
  }

  async terminateBackends(): Promise<void> {
    await this.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${APPLICATION}`);
  }

  /**
   * Returns the number of connections that stay busy, or in a transaction, although no request is in progress. PostgreSQL may
   * still work on the last statement, or notice late that a cut connection is gone, so this waits until all are idle.
   */
  async busyConnections(): Promise<number> {
    const end = performance.now() + IDLE_LIMIT_MS;
    for (;;) {
      const { length } = await this.sql(
        `SELECT FROM pg_stat_activity WHERE ${APPLICATION} AND state <> 'idle'`,
      );
      if (length === 0 || performance.now() > end) return length;
      await sleep(IDLE_PAUSE_MS);
    }
  }

  /** SQL on the server itself, past application and faults. */
  async sql<Row>(text: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.database.superuserUrl });
    await client.connect();
    try {
      return (await client.query(text)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  /** Stops the application as an orchestrator does. Resolves to its exit code: 0 when it held nothing. */
  async stopApplication(): Promise<number | null> {
    return (await this.application.stop('SIGTERM')).code;
  }

  async stop(): Promise<void> {
    await this.application.stop('SIGKILL');
    await this.proxy.close();
    await this.pooler?.stop();
    await this.database.stop();
  }
}
