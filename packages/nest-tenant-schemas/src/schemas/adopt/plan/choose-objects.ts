import { MIGRATIONS_TABLE } from '../../catalog/migrations-table-comment.js';
import { ADOPTED_FUNCTIONS_TABLE } from '../functions/adopted-functions.js';
import {
  type Dependency,
  isRelation,
  nameOf,
  type OutsideDependant,
  type SchemaObject,
} from '../schema-objects.js';

/** Names an object, and why it stays or cannot be moved. */
export interface ObjectReason {
  readonly what: string;
  readonly why: string;
}

/** Divides the objects of `public`. */
export interface ObjectChoice {
  readonly moves: readonly SchemaObject[];
  readonly stays: readonly SchemaObject[];
  /** Why each object stays. */
  readonly reasons: readonly ObjectReason[];
  /** Objects that stay and need one that moves, and objects outside that do. */
  readonly obstacles: readonly ObjectReason[];
}

/** Lists the engine's own tables in `public`. */
const OF_ENGINE: ReadonlySet<string> = new Set([MIGRATIONS_TABLE, ADOPTED_FUNCTIONS_TABLE]);

/**
 * Divides the objects of a schema into those that move and those that stay. An object that stays keeps the types, functions
 * and sequences that it needs.
 *
 * @param reasonOf returns why an object stays, or undefined for one that may move
 */
export function chooseObjects(
  objects: readonly SchemaObject[],
  dependencies: readonly Dependency[],
  outside: readonly OutsideDependant[],
  reasonOf: (object: SchemaObject) => string | undefined,
): ObjectChoice {
  const byId = new Map(objects.map((object) => [object.id, object]));
  const staying = new Map<SchemaObject, string>();
  for (const object of objects) {
    const reason = OF_ENGINE.has(object.name) ? 'the engine owns it' : reasonOf(object);
    if (reason !== undefined) staying.set(object, reason);
  }
  const obstacles: ObjectReason[] = [];
  const links = dependencies.flatMap(({ from, to }) => {
    const [user, used] = [byId.get(from), byId.get(to)];
    return user && used ? [{ user, used }] : [];
  });
  let count: number;
  do {
    count = staying.size;
    for (const { user, used } of links) {
      if (staying.has(user) && !staying.has(used) && !isRelation(used)) {
        staying.set(used, `${nameOf(user)} needs it`);
      }
      if (staying.has(used) && !staying.has(user) && user.isPartOfTable) {
        staying.set(user, `it is part of ${nameOf(used)}`);
      }
    }
  } while (staying.size > count);
  for (const { user, used } of links) {
    if (!staying.has(user) || staying.has(used)) continue;
    obstacles.push({
      what: nameOf(user),
      why: `it stays in the schema public and needs ${nameOf(used)}. Drop that dependency, or share both objects`,
    });
  }
  for (const { what, to } of outside) {
    const used = byId.get(to);
    if (!used || staying.has(used)) continue;
    obstacles.push({
      what,
      why: `it needs ${nameOf(used)}. Drop ${what}, or share ${nameOf(used)}: --shared ${used.name}`,
    });
  }
  return {
    moves: objects.filter((object) => !staying.has(object)),
    stays: [...staying.keys()],
    reasons: [...staying].map(([object, why]) => ({ what: nameOf(object), why })),
    obstacles,
  };
}
