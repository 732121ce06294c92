import { EntityMetadata } from 'typeorm';
import { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { isPlain } from './entity-guard.js';
import { inheritOwner, isObject, ownerOf } from './entity-owner.js';
import { type Method, named, wrap } from './wrap-methods.js';

/**
 * Assigns maps of ids, or of other columns, to the tenant of the entity that they were read from. All maps of metadata come
 * from these two methods.
 */
export function stampMaps(): void {
  // A static method: the class is the object that has it.
  wrap({ prototype: EntityMetadata }, owningMap, named('getValueMap'));
  wrap(ColumnMetadata, owningColumnMap, named('getEntityValueMap'));
}

/**
 * Visits an entity, and the related entities that its ids come from.
 *
 * @param columns the columns whose values TypeORM reads
 */
export function forEachIdSource(
  entity: unknown,
  columns: readonly ColumnMetadata[],
  visit: (source: object) => void,
): void {
  if (!isObject(entity)) return;
  visit(entity);
  for (const { relationMetadata, referencedColumn } of columns) {
    if (!relationMetadata || !referencedColumn) continue;
    forEachIdSource(relationMetadata.getEntityValue(entity), [referencedColumn], visit);
  }
}

function owningMap(method: Method): Method {
  return function (...args) {
    const map = method.apply(this, args);
    const [entity, columns] = args as [unknown, readonly ColumnMetadata[]];
    if (isObject(map)) inheritWithin(map, ownerOfIds(entity, columns));
    return map;
  };
}

function owningColumnMap(method: Method): Method {
  return function (...args) {
    const map = method.apply(this, args);
    const column = this as unknown as ColumnMetadata;
    if (!isObject(map)) return map;
    const owner = ownerOfIds(args[0], [column]);
    // The value of a column of its own may be an object, which belongs to the caller.
    if (column.relationMetadata) inheritWithin(map, owner);
    else inheritOwner(map, owner);
    return map;
  };
}

/** Returns the owner of the entity that ids come from: the entity itself, or one in its primary key. */
function ownerOfIds(entity: unknown, columns: readonly ColumnMetadata[]): string | undefined {
  let owner: string | undefined;
  forEachIdSource(entity, columns, (source) => {
    owner = ownerOf(source) ?? owner;
  });
  return owner;
}

/** Assigns a map, and the maps in it, to a tenant. */
function inheritWithin(map: object, owner: string | undefined): void {
  if (owner === undefined) return;
  inheritOwner(map, owner);
  for (const value of Object.values(map) as unknown[]) {
    if (isObject(value) && isPlain(value)) inheritWithin(value, owner);
  }
}
