import { isObject, isValue } from '../entity-owner.js';

/** Describes the methods by which an object chooses what is sent instead of it. */
interface Sendable {
  readonly toJSON?: unknown;
  readonly toPostgres?: unknown;
}

/**
 * Visits a value that is sent as JSON, and all objects in it. These are its properties, and the results of the methods that
 * JSON and node-postgres call.
 */
export function forEachSent(value: object, visit: (object: object) => void): void {
  const found = new Set<object>([value]);
  // The loop also visits the objects that it adds.
  for (const object of found) {
    visit(object);
    if (isValue(object)) continue;
    for (const each of [...valuesOf(object), ...replacementsOf(object)]) {
      if (isObject(each)) found.add(each);
    }
  }
}

export function valuesOf(object: object): unknown[] {
  return Array.isArray(object) ? object : Object.values(object);
}

function replacementsOf(object: object): unknown[] {
  const { toJSON, toPostgres } = object as Sendable;
  return [
    ...(typeof toJSON === 'function' ? [Reflect.apply(toJSON, object, ['']) as unknown] : []),
    ...(typeof toPostgres === 'function'
      ? [Reflect.apply(toPostgres, object, [(value: unknown) => value]) as unknown]
      : []),
  ];
}
