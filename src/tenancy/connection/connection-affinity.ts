/** What tells a connection from the others of its process, for as long as it lives. */
interface Numbered {
  readonly number: number;
}

/**
 * Where in a list of idle connections the one stands that a schema is best served by: always the same one while it
 * is idle, then always the same next one, so that the schemas that each backend has met, and remembers, stay few.
 * A connection that is replaced moves no schema but those that it was the best for (rendezvous hashing).
 * Decision: docs/decisions/0014-affinity.md.
 *
 * @returns -1 for an empty list
 */
export function placeOfBest(
  schema: string,
  idle: readonly { readonly client: Numbered }[],
): number {
  const own = hash(schema);
  let best = -1;
  let most = -1;
  idle.forEach(({ client }, place) => {
    const weight = mix(own ^ Math.imul(client.number, 0x9e3779b1));
    if (weight <= most) return;
    most = weight;
    best = place;
  });
  return best;
}

/** FNV-1a. http://www.isthe.com/chongo/tech/comp/fnv/ */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) {
    value = Math.imul(value ^ text.charCodeAt(place), 0x01000193);
  }
  return value;
}

/** Spreads a number over 32 bits, so that neighbours lie far apart (the end of MurmurHash3). */
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
