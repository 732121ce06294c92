/** Describes a connection and the schemas that it has visited. */
export interface PooledConnection {
  /** Identifies the connection within the process. */
  readonly number: number;
  readonly visitedSchemas: ReadonlySet<string>;
}

/** Describes lists of pg-pool that are not in its types. pg-pool hands out the last idle connection. */
export interface PoolInternals {
  readonly _clients?: readonly PooledConnection[];
  readonly _idle?: { readonly client: PooledConnection }[];
  /** Checkouts that pg-pool has accepted and has not served yet. */
  readonly _pendingQueue?: readonly unknown[];
}

/** Finds connections by the schemas that they have visited. If pg-pool hides its lists, pg-pool chooses. */
export class PooledConnections {
  // A private field, because it is the pool and JSON.stringify would fail on the cycle.
  readonly #pool: PoolInternals;

  constructor(pool: PoolInternals) {
    this.#pool = pool;
  }

  /** Returns whether any connection, idle or busy, has visited the schema. */
  haveVisited(schema: string): boolean {
    return this.#pool._clients?.some(({ visitedSchemas }) => visitedSchemas.has(schema)) ?? false;
  }

  /**
   * Makes pg-pool hand out the idle connection that serves the schema best.
   *
   * @returns whether that connection has visited the schema
   */
  moveBestToFront(schema: string): boolean {
    const { _idle: idle = [], _pendingQueue: pending = [] } = this.#pool;
    // The connections at the end are already promised to other checkouts.
    const unclaimed = idle.length - pending.length;
    const best = placeOfBest(schema, idle, unclaimed);
    const chosen = idle[best];
    if (!chosen) return false;
    if (best !== unclaimed - 1) idle.splice(unclaimed - 1, 0, ...idle.splice(best, 1));
    return chosen.client.visitedSchemas.has(schema);
  }
}

/**
 * Returns the index of the idle connection that serves a schema best.
 *
 * Of the connections that have visited the schema, it is the first in the schema's own order. So one schema
 * uses the same connection again, and schemas use different ones. If none has visited it, it is the one with
 * the fewest visited schemas, and the last of equal ones.
 *
 * @param count how many connections of the list to consider, from its beginning. Default: all
 * @returns -1 if the list is empty
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
  // Runs at every checkout: so it uses no closure, and reads each set once.
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
 * Ranks a connection in an order that depends on the schema. The rank does not depend on the other
 * connections. (Rendezvous hashing: D. Thaler, C. Ravishankar, 1998.)
 */
function placeInOrder(seed: number, number: number): number {
  const mixed = Math.imul(seed ^ Math.imul(number, 0x9e3779b1), 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** Hashes a text with 32-bit FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) {
    sum = Math.imul(sum ^ text.charCodeAt(place), 0x01000193);
  }
  return sum;
}
