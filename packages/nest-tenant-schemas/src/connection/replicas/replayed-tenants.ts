import { performance } from 'node:perf_hooks';
import { LRUCache } from 'lru-cache';
import pg from 'pg';
import { tenantContext } from '../../context/tenant-context.js';
import { warn } from '../../core/warnings.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';

/** Limits the tenants that a process may read from a replica. The least recently used ones are checked again. */
const MAX_TENANTS = 10_000;

/** Sets the pause between two looks at the position of the replica, in milliseconds. */
const PAUSE_MS = 100;

/** Sets the pause after a failed check, in milliseconds. */
const RETRY_MS = 1000;

/** Returns the end of the WAL: https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-BACKUP */
const POSITION = 'SELECT pg_catalog.pg_current_wal_insert_lsn()::text AS lsn';

/** A server that is not in recovery, or does not report its position, cannot be compared. */
const HAS_REPLAYED = `SELECT NOT pg_catalog.pg_is_in_recovery()
  OR COALESCE(pg_catalog.pg_last_wal_replay_lsn() >= $1::pg_catalog.pg_lsn, true) AS done`;

/**
 * Decides which tenants a replica may serve. On the replica, the schema of a tenant may still hold the rows of
 * a former tenant with the same schema name. So the replica serves a tenant only after it has replayed all
 * that the primary had when this process first read for the tenant.
 */
export class ReplayedTenants {
  /** Maps the schema of each replayed tenant to the tenant's id. */
  private replayed = new LRUCache<string, string>({ max: MAX_TENANTS });
  private readonly waiting = new Map<string, string>();
  private isChecking = false;
  private pausedUntil = -Infinity;
  private hasWarned = false;
  private hasEnded = false;

  constructor(
    private readonly primary: () => pg.Pool,
    private readonly replica: () => pg.Pool,
  ) {}

  /** Returns whether the replica may serve the tenant. If not, it checks this in the background. */
  has({ id, schema }: Tenant): boolean {
    if (this.replayed.get(schema) === id) return true;
    this.waiting.set(schema, id);
    const mayCheck = !this.isChecking && performance.now() > this.pausedUntil;
    if (mayCheck) tenantContext.runInScope(undefined, () => void this.check());
    return false;
  }

  /** Checks all tenants again, because a restarted replica may be older than before. A running check has no effect. */
  forget(): void {
    this.replayed = new LRUCache({ max: MAX_TENANTS });
  }

  /** Ends the check in the background. */
  end(): void {
    this.hasEnded = true;
  }

  private async check(): Promise<void> {
    this.isChecking = true;
    try {
      while (this.waiting.size > 0) await this.checkWaiting();
    } catch (error) {
      // A read after the pause checks again.
      this.pausedUntil = performance.now() + RETRY_MS;
      this.report(error);
    } finally {
      this.isChecking = false;
    }
  }

  private async checkWaiting(): Promise<void> {
    const { replayed } = this;
    const tenants = [...this.waiting];
    this.waiting.clear();
    const [position] = (await this.primary().query<{ lsn: string }>(POSITION)).rows;
    while (!(await this.hasReplayed(position?.lsn))) {
      if (this.hasEnded) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS).unref());
    }
    for (const [schema, id] of tenants) replayed.set(schema, id);
  }

  private async hasReplayed(position: string | undefined): Promise<boolean> {
    const { rows } = await this.replica().query<{ done: boolean }>(HAS_REPLAYED, [position]);
    return rows[0]?.done === true;
  }

  /** Reports a server that rejects the statements. Reads that fail otherwise report an unavailable server. */
  private report(error: unknown): void {
    if (this.hasWarned || !(error instanceof pg.DatabaseError) || error.severity !== 'ERROR')
      return;
    this.hasWarned = true;
    warn(
      `Reads do not use a replica, because its position cannot be compared with the primary: ${error.message}`,
      'Replica',
    );
  }
}
