/** A connection that knows which schemas it has visited. */
export interface PooledConnection {
  /** Tells it from the others of its process. */
  readonly number: number;
  readonly visitedSchemas: ReadonlySet<string>;
}

/** What pg-pool keeps; not in its types. It hands out the last of its idle connections. */
export interface PoolInternals {
  readonly _clients?: readonly PooledConnection[];
  readonly _idle?: { readonly client: PooledConnection }[];
  /** Checkouts that it has yet to give one of them. */
  readonly _pendingQueue?: readonly unknown[];
}

/** The connections of a pool, by the schemas that they have visited. Where pg-pool hides its lists, pg-pool chooses. */
export class PooledConnections {
  // Private to the object: it is the pool, which JSON.stringify could not write.
  readonly #pool: PoolInternals;

  constructor(pool: PoolInternals) {
    this.#pool = pool;
  }

  /** Whether any connection has visited the schema, busy ones included. */
  haveVisited(schema: string): boolean {
    return this.#pool._clients?.some(({ visitedSchemas }) => visitedSchemas.has(schema)) ?? false;
  }

  /**
   * Has pg-pool hand out the idle connection that serves the schema best.
   *
   * @returns whether that one has visited it
   */
  moveBestToFront(schema: string): boolean {
    const { _idle: idle = [], _pendingQueue: pending = [] } = this.#pool;
    // Those at the end are for checkouts that have chosen already.
    const unclaimed = idle.length - pending.length;
    const best = placeOfBest(schema, idle, unclaimed);
    const chosen = idle[best];
    if (!chosen) return false;
    if (best !== unclaimed - 1) idle.splice(unclaimed - 1, 0, ...idle.splice(best, 1));
    return chosen.client.visitedSchemas.has(schema);
  }
}

/**
 * Where in a list of idle connections the one stands that serves a schema best: of those that have visited it the first in the
 * schema's own order, so that it is the same again, and another one for another schema; else the one that has visited fewest, so
 * that each has its part of them, and of these the last.
 *
 * @param count how many of the list are looked at, from its beginning. Default all
 * @returns -1 where there are none
 */
export function placeOfBest(
  schema: string,
  idle: readonly { readonly client: PooledConnection }[],
  count = idle.length,
): number {
  let best = -1;
  let hasVisited = false;
  let least = Infinity;
  const seed = hash(schema);
  // At every checkout: no closure, and each set asked once.
  for (let place = 0; place < count; place++) {
    const { number, visitedSchemas } = (idle[place] as { readonly client: PooledConnection })
      .client;
    const visited = visitedSchemas.has(schema);
    if (hasVisited && !visited) continue;
    const rank = visited ? placeInOrder(seed, number) : visitedSchemas.size;
    if (visited === hasVisited && rank > least) continue;
    best = place;
    hasVisited = visited;
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
