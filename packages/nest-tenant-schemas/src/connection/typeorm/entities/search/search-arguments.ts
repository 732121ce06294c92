import { type EntityMetadata, FindOperator } from 'typeorm';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { dataSourceOf } from '../../typeorm-versions.js';
import { assertEntityOfTenant } from '../assert-entity.js';
import { holderOf, isPlain, type Operator } from '../entity-guard.js';
import { type Holder, inheritedOwnerOf, isObject, isValue } from '../entity-owner.js';
import { namedParts } from './named-parts.js';
import { forEachSent } from './sent-objects.js';

/**
 * Rejects another tenant's entities in the arguments of an operation. It searches lists, plain objects, find operators,
 * the relations of entities, and what TypeORM stores as text: columns of JSON, and columns with a transformer.
 *
 * @param target metadata of the entity that the arguments describe
 * @param seen collects every visited object
 * @returns the schema of the entities in the arguments, or undefined if there are none
 * @throws TenantMismatchError
 */
export function assertArgumentsOfTenant(
  args: readonly unknown[],
  operator: Operator,
  target?: EntityMetadata,
  seen?: Set<object>,
): string | undefined {
  const walk: Walk = { operator, seen, visits: 0, holder: undefined, owner: undefined };
  for (const arg of args) if (isObject(arg)) visit(arg, target, walk);
  return walk.owner;
}

/** Holds the inputs and the findings of one search through the arguments of an operation. */
interface Walk {
  readonly operator: Operator;
  /** The visited objects. Created late, because most arguments contain few objects. */
  seen: Set<object> | undefined;
  visits: number;
  holder: Holder | undefined;
  owner: string | undefined;
}

/** The number of objects that a search visits before it looks for cycles. */
const VISITS_WITHOUT_SET = 16;

/** @param known metadata that TypeORM reads the object by */
function visit(value: object, known: EntityMetadata | undefined, walk: Walk): void {
  const isRecord = isPlain(value);
  if ((!isRecord && isValue(value)) || isVisited(value, walk)) return;
  if (Array.isArray(value)) {
    for (const each of value as unknown[]) if (isObject(each)) visit(each, known, walk);
    return;
  }
  assertOwner(value, walk);
  // TypeORM reads `where` of options by its name, so it may be inherited or hidden.
  const { where } = value as { readonly where?: unknown };
  if (isObject(where)) visit(where, known, walk);
  if (isRecord) {
    if (known) visitNamed(value, known, namedParts(known).nested, walk);
    visitValues(value as Record<string, unknown>, known, walk);
  } else if (value instanceof FindOperator) {
    visit([value.value, value.objectLiteralParameters], known, walk);
  } else {
    const own = dataSourceOf(walk.operator).entityMetadatasMap.get(value.constructor);
    // An object of another class may describe the target as well.
    if (own && own !== known) visitNamed(value, own, own.relations, walk);
    if (known) visitNamed(value, known, known.relations, walk);
  }
}

function assertOwner(object: object, walk: Walk): void {
  const schema = inheritedOwnerOf(object);
  if (schema === undefined) return;
  walk.owner = schema;
  assertEntityOfTenant(object, (walk.holder ??= holderOf(walk.operator)));
}

/** Visits what TypeORM reads by the names of the metadata. */
function visitNamed(
  value: object,
  metadata: EntityMetadata,
  relations: readonly RelationMetadata[],
  walk: Walk,
): void {
  for (const relation of relations) {
    const related: unknown = relation.getEntityValue(value);
    if (isObject(related)) visit(related, relation.inverseEntityMetadata, walk);
  }
  for (const column of namedParts(metadata).stored) visitStored(column.getEntityValue(value), walk);
}

/** Visits a value that TypeORM stores as a text, with all objects in it. */
function visitStored(value: unknown, walk: Walk): void {
  if (!isObject(value) || isValue(value)) return;
  if (value instanceof FindOperator) visitStored(value.value, walk);
  else forEachSent(value, (object) => assertOwner(object, walk));
}

function visitValues(
  record: Record<string, unknown>,
  known: EntityMetadata | undefined,
  walk: Walk,
): void {
  // Faster than a list of the names. A plain object inherits none.
  for (const name in record) {
    const value = record[name];
    if (!isObject(value) || name === 'where') continue;
    const relation = known?.relations.find(({ propertyName }) => propertyName === name);
    visit(value, relation?.inverseEntityMetadata ?? known, walk);
  }
}

function isVisited(value: object, walk: Walk): boolean {
  if (++walk.visits > VISITS_WITHOUT_SET) walk.seen ??= new Set();
  if (walk.seen?.has(value)) return true;
  walk.seen?.add(value);
  return false;
}
