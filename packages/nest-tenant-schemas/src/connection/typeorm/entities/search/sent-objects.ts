import { isObject, isValue } from '../entity-owner.js';

/** Describes the methods by which an object chooses what is sent instead of it. */
interface Sendable {
  readonly toJSON?: unknown;
  readonly toPostgres?: unknown;
}

/** The number of replacements in one another after which JSON would probably never end. */
const MOST_REPLACEMENTS = 1000;

/**
 * Visits a value that is sent as JSON, and all objects in it. These are its properties, and the results of the methods that
 * JSON and node-postgres call.
 *
 * @throws RangeError if the results of these methods have no end, as JSON does
 */
export function forEachSent(value: object, visit: (object: object) => void): void {
  /** Maps each object to the number of replacements that it is in. */
  const found = new Map<object, number>([[value, 0]]);
  const replacements = new Set<object>();
  const add = (each: unknown, depth: number): each is object => {
    if (!isObject(each) || found.has(each)) return false;
    if (depth > MOST_REPLACEMENTS)
      throw new RangeError('A value has no end: toJSON returns it again.');
    found.set(each, depth);
    return true;
  };
  // The loop also visits the objects that it adds.
  for (const [object, depth] of found) {
    visit(object);
    if (isValue(object)) continue;
    for (const each of valuesOf(object)) add(each, depth);
    // JSON sends what a method returns, and does not call the method of that.
    if (replacements.has(object)) continue;
    for (const each of replacementsOf(object)) if (add(each, depth + 1)) replacements.add(each);
  }
}

export function valuesOf(object: object): unknown[] {
  return Array.isArray(object) ? object : Object.values(object);
}

function replacementsOf(object: object): unknown[] {
  const sent = call(object, 'toPostgres', (value: unknown) => value);
  return [sent, call(object, 'toJSON', ''), call(sent, 'toJSON', '')];
}

function call(object: unknown, name: keyof Sendable, argument: unknown): unknown {
  const method = isObject(object) ? (object as Sendable)[name] : undefined;
  return typeof method === 'function'
    ? (Reflect.apply(method, object, [argument]) as unknown)
    : undefined;
}
