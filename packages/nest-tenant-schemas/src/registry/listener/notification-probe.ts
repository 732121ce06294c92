import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { tenantContext } from '../../context/tenant-context.js';

/** Finds out whether a listening connection receives notifications. */
export class NotificationProbe {
  /** Names a channel of this process only, so that a probe does not wake other processes. */
  readonly channel = `tenant_schemas_probe_${randomUUID()}`;

  constructor(
    private readonly dataSource: DataSource,
    private readonly timeoutMs: number,
  ) {}

  /**
   * Sends a notification to the connection and returns whether it did not arrive in time.
   *
   * The pool sends it, not the connection. Behind a pooler, the listening session could otherwise happen to
   * be the sender and report its own notification. If the pool cannot send in time, the state of the
   * connection is unknown, and the result is false.
   */
  async isLost(client: pg.Client): Promise<boolean> {
    const over = new AbortController();
    const end = (): void => over.abort();
    const receive = ({ channel }: pg.Notification): void => {
      if (channel === this.channel) end();
    };
    client.on('notification', receive).on('end', end);
    try {
      const sent = this.send().then(
        () => true,
        () => false,
      );
      const isSent = await Promise.race([sent, this.expire().then(() => false)]);
      return isSent && (await this.expire(over.signal));
    } finally {
      client.off('notification', receive).off('end', end);
    }
  }

  private send(): Promise<unknown> {
    return tenantContext.runWithoutTenant(() =>
      this.dataSource.query(`SELECT pg_notify($1, '')`, [this.channel]),
    );
  }

  /** Returns true after the timeout, or false as soon as the signal aborts it. */
  private expire(signal?: AbortSignal): Promise<boolean> {
    const options = { ref: false, ...(signal && { signal }) };
    return sleep(this.timeoutMs, true, options).catch(() => false);
  }
}
