import { PoolExhaustedError } from '../../errors/connection/pool-exhausted.error.js';
import type { PoolLimits } from './connection-limits.js';

/** Hears that a connection may be taken, or why not. */
type Decide = (error?: Error) => void;

interface Waiter {
  readonly decide: Decide;
  readonly timeout: NodeJS.Timeout;
}

/** What one tenant has of the pool, and who waits for more; schema undefined: work for no tenant. */
interface Share {
  readonly schema: string | undefined;
  readonly most: number;
  used: number;
  readonly waiters: Waiter[];
}

/**
 * Who may take a connection of a pool, and who waits for one: in order within a tenant, by turns among
 * tenants, so that a neighbour's long queue costs each checkout of a tenant one of that neighbour's.
 */
export class ConnectionBudget {
  private readonly shares = new Map<string | undefined, Share>();
  /** Shares with waiters, in the order of their turns. */
  private readonly turns = new Set<Share>();
  private free: number;
  private waiters = 0;

  constructor(
    private readonly poolSize: number,
    private readonly limits: PoolLimits,
  ) {
    this.free = poolSize;
  }

  /** How many wait, of all tenants together. */
  get waiting(): number {
    return this.waiters;
  }

  /**
   * Decides at once where it can, else when a connection is given back or the wait has been too long: then
   * with a PoolExhaustedError. Whoever gets one calls {@link giveBack}.
   */
  ask(schema: string | undefined, decide: Decide): void {
    const share = this.shareOf(schema);
    // As long as a connection is free, whoever waits is of a tenant that has its most.
    if (this.free > 0 && share.used < share.most) {
      this.take(share);
      decide();
    } else {
      this.queue(share, decide);
    }
  }

  giveBack(schema: string | undefined): void {
    const share = this.shareOf(schema);
    share.used -= 1;
    this.free += 1;
    this.forgetIfIdle(share);
    this.handOver();
  }

  /** Refuses everybody who waits. */
  close(error: Error): void {
    for (const share of this.turns) {
      for (const { decide, timeout } of share.waiters.splice(0)) {
        this.waiters -= 1;
        clearTimeout(timeout);
        decide(error);
      }
    }
    this.turns.clear();
  }

  private take(share: Share): void {
    share.used += 1;
    this.free -= 1;
  }

  private queue(share: Share, decide: Decide): void {
    const { schema, used, most, waiters } = share;
    const exhausted = used < most ? 'pool' : 'tenant';
    const { maxWaiting, maxWaitingPerTenant, maxWaitMs } = this.limits;
    if (waiters.length >= maxWaitingPerTenant || this.waiters >= maxWaiting) {
      this.forgetIfIdle(share);
      decide(new PoolExhaustedError(exhausted, schema, 'full'));
      return;
    }
    const timeout = setTimeout(() => {
      waiters.splice(waiters.indexOf(waiter), 1);
      this.waiters -= 1;
      if (waiters.length === 0) this.turns.delete(share);
      this.forgetIfIdle(share);
      decide(new PoolExhaustedError(exhausted, schema, 'late'));
    }, maxWaitMs);
    const waiter = { decide, timeout };
    waiters.push(waiter);
    this.waiters += 1;
    this.turns.add(share);
  }

  /** Gives the connection that came back to the next tenant that has not its most. */
  private handOver(): void {
    for (const share of this.turns) {
      if (share.used >= share.most) continue;
      const next = share.waiters.shift();
      if (!next) continue;
      this.waiters -= 1;
      // Its next waiter's turn comes after everybody else's.
      this.turns.delete(share);
      if (share.waiters.length > 0) this.turns.add(share);
      clearTimeout(next.timeout);
      this.take(share);
      next.decide();
      return;
    }
  }

  private shareOf(schema: string | undefined): Share {
    let share = this.shares.get(schema);
    if (!share) {
      const most = schema === undefined ? this.poolSize : this.limits.maxConnectionsPerTenant;
      share = { schema, most, used: 0, waiters: [] };
      this.shares.set(schema, share);
    }
    return share;
  }

  /** Memory is held for tenants that have something, not for all there ever were. */
  private forgetIfIdle({ schema, used, waiters }: Share): void {
    if (used === 0 && waiters.length === 0) this.shares.delete(schema);
  }
}
