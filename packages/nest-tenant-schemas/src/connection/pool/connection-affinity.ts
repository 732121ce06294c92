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
  /** Tells it from the others of its process. */
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
   * Calls back when the schema had best be given a connection, with pg-pool ready to hand out the best one: at once, unless all
   * that have met it are busy and there is patience left to wait for one of them.
   */
  seek(schema: string, proceed: () => void): void {
    if (this.prefer(schema) || !this.isKnown(schema)) return proceed();
    const waits = this.waits.get(schema) ?? 0;
    if (waits === PATIENCE) return this.meetAnother(schema, proceed);
    this.waits.set(schema, waits + 1);
    const proceedWithBest = (): void => {
      this.prefer(schema);
      proceed();
    };
    const timeout = setTimeout(() => {
      this.waiters.splice(this.waiters.indexOf(waiter), 1);
      this.meetAnother(schema, proceedWithBest);
    }, LONGEST_WAIT_MS);
    const waiter = { schema, proceed: proceedWithBest, timeout };
    this.waiters.push(waiter);
  }

  /**
   * Has pg-pool hand out the idle connection that the schema is best served by.
   *
   * @returns whether that one has met it
   */
  prefer(schema: string): boolean {
    const { _idle: idle = [], _pendingQueue: pending = [] } = this.pool;
    // Those at the end are for checkouts that have chosen already.
    const unclaimed = idle.length - pending.length;
    const best = placeOfBest(schema, idle, unclaimed);
    const chosen = idle[best];
    if (!chosen) return false;
    if (best !== unclaimed - 1) idle.splice(unclaimed - 1, 0, ...idle.splice(best, 1));
    return chosen.client.schemasMet.has(schema);
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

  private meetAnother(schema: string, proceed: () => void): void {
    this.waits.delete(schema);
    proceed();
  }
}

/**
 * Where in a list of idle connections the one stands that a schema is best served by: of those that have met it the first in the
 * schema's own order, so that it is the same again, and another one for another schema; else the one that has met fewest, so that
 * each has its part of them, and of these the last.
 *
 * @param count how many of the list are looked at, from its beginning. Default all
 * @returns -1 where there are none
 */
export function placeOfBest(
  schema: string,
  idle: readonly { readonly client: Acquainted }[],
  count = idle.length,
): number {
  let best = -1;
  let isKnown = false;
  let least = Infinity;
  const seed = hash(schema);
  // At every checkout: no closure, and each set asked once.
  for (let place = 0; place < count; place++) {
    const { number, schemasMet } = (idle[place] as { readonly client: Acquainted }).client;
    const knows = schemasMet.has(schema);
    if (isKnown && !knows) continue;
    const rank = knows ? placeInOrder(seed, number) : schemasMet.size;
    if (knows === isKnown && rank > least) continue;
    best = place;
    isKnown = knows;
    least = rank;
  }
  return best;
}

/**
 * Puts connections into an order that depends on a schema, and in which each keeps its place whichever others there are.
 * (Rendezvous hashing: D. Thaler, C. Ravishankar, 1998.)
 */
function placeInOrder(seed: number, number: number): number {
  const mixed = Math.imul(seed ^ Math.imul(number, 0x9e3779b1), 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** FNV-1a, of 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) {
    sum = Math.imul(sum ^ text.charCodeAt(place), 0x01000193);
  }
  return sum;
}
