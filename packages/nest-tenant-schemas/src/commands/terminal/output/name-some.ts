/** How many of a list are named. */
const NAMED = 5;

/** A list that may be long, on one line: up to 5 of its names, then how many more there are. */
export function nameSome(names: readonly string[]): string {
  const more = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
