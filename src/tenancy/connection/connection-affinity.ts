import { LRUCache } from 'lru-cache';

/**
 * How often the checkouts of a schema wait before one more connection meets it. A number of waits, since they and a first meeting
 * both take longer on a busy server; this one was measured: docs/decisions/0014-affinity.md.
 */
const PATIENCE = 8;

/** Milliseconds after which a wait is given up, as the connection is held for longer work. */
const LONGEST_WAIT_MS = 50;

/** Schemas whose waits are remembered. */
const MOST_WAITS = 10_000;

/** A connection that tells which schemas it has met. */
export interface Acquainted {
  /** Tells it from the others of its process: the older, the lower. */
  readonly number: number;
  readonly schemasMet: ReadonlySet<string>;
}

/** What pg-pool keeps; not in its types. It hands out the last of its idle connections. */
export interface PoolInternals {
  readonly _clients?: readonly Acquainted[];
  readonly _idle?: { readonly client: Acquainted }[];
  /** Checkouts that it has yet to give one of them. */
  readonly _pendingQueue?: readonly unknown[];
}

interface Waiter {
  readonly schema: string;
  readonly proceed: () => void;
  readonly timeout: NodeJS.Timeout;
}

/**
 * Has a schema served by connections that have met it: a backend remembers every table that it has touched, so that the first
 * meeting is slow, and all of them together take its memory. Decision: docs/decisions/0014-affinity.md.
 */
export class ConnectionAffinity {
  private readonly waiters: Waiter[] = [];
  private readonly waits = new LRUCache<string, number>({ max: MOST_WAITS });

  constructor(private readonly pool: PoolInternals) {}

  /**
   * Calls back when the schema had best be given a connection: at once, unless all that have met it are busy and
   * there is patience left to wait for one of them.
   */
  seek(schema: string, proceed: () => void): void {
    const isServed = this.unclaimed().some(({ client }) => client.schemasMet.has(schema));
    if (isServed || !this.isKnown(schema)) return proceed();
    const waits = this.waits.get(schema) ?? 0;
    if (waits === PATIENCE) return this.meetAnother(schema, proceed);
    this.waits.set(schema, waits + 1);
    const timeout = setTimeout(() => {
      this.waiters.splice(this.waiters.indexOf(waiter), 1);
      this.meetAnother(schema, proceed);
    }, LONGEST_WAIT_MS);
    const waiter = { schema, proceed, timeout };
    this.waiters.push(waiter);
  }

  /** Has pg-pool hand out the idle connection that the schema is best served by. */
  prefer(schema: string): void {
    const unclaimed = this.unclaimed();
    const best = placeOfBest(schema, unclaimed);
    const { _idle: idle = [] } = this.pool;
    if (best !== -1) idle.splice(unclaimed.length - 1, 0, ...idle.splice(best, 1));
  }

  /**
   * Called when a connection has been given back: the first who waits for it may have it. If it was closed instead, whoever
   * waits for none but it need not wait any more.
   */
  returned(client: Acquainted): void {
    if (this.waiters.length === 0) return;
    const isKept = this.pool._idle?.at(-1)?.client === client;
    const waiters = isKept
      ? this.waiters.filter(({ schema }) => client.schemasMet.has(schema)).slice(0, 1)
      : this.waiters.filter(({ schema }) => !this.isKnown(schema));
    for (const waiter of waiters) {
      this.waiters.splice(this.waiters.indexOf(waiter), 1);
      clearTimeout(waiter.timeout);
      waiter.proceed();
    }
  }

  private isKnown(schema: string): boolean {
    return this.pool._clients?.some(({ schemasMet }) => schemasMet.has(schema)) ?? false;
  }

  /** The idle connections but those at the end, which are for checkouts that have chosen already. */
  private unclaimed(): readonly { readonly client: Acquainted }[] {
    const { _idle: idle = [], _pendingQueue: pending = [] } = this.pool;
    return pending.length === 0 ? idle : idle.slice(0, Math.max(0, idle.length - pending.length));
  }

  private meetAnother(schema: string, proceed: () => void): void {
    this.waits.delete(schema);
    proceed();
  }
}

/**
 * Where in a list of idle connections the one stands that a schema is best served by: of those that have met it the oldest,
 * so that it is the same again; else the one that has met fewest, so that each has its part of them, and of these the last.
 *
 * @returns -1 for an empty list
 */
export function placeOfBest(
  schema: string,
  idle: readonly { readonly client: Acquainted }[],
): number {
  let best = -1;
  let least: Acquainted | undefined;
  idle.forEach(({ client }, place) => {
    if (least && !isBetter(schema, client, least)) return;
    least = client;
    best = place;
  });
  return best;
}

/** @param one that stands behind the other */
function isBetter(schema: string, one: Acquainted, other: Acquainted): boolean {
  const isKnown = one.schemasMet.has(schema);
  if (isKnown !== other.schemasMet.has(schema)) return isKnown;
  return isKnown ? one.number < other.number : one.schemasMet.size <= other.schemasMet.size;
}
