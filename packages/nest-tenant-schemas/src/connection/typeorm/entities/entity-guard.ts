import { type EntityMetadata, FindOperator, type QueryRunner } from 'typeorm';
import { tenantContext } from '../../../context/tenant-context.js';
import { TenantMismatchError } from '../../../errors/tenant-mismatch.error.js';
import { scopeOf } from '../bound-scope.js';
import { clientOf } from '../../client/client-of.js';
import { assertEntityOfTenant } from './assert-entity.js';
import { type Holder, isObject, isValue, ownerOf } from './entity-owner.js';
import { type DataSourceHolder, dataSourceOf } from '../typeorm-versions.js';

/** Describes an object that runs operations: a manager, a query builder or a relation loader. */
export interface Operator extends DataSourceHolder {
  readonly queryRunner?: QueryRunner;
}

/**
 * Rejects another tenant's entities in the arguments of an operation. It searches lists, objects, find
 * operators, and the relations of entities.
 *
 * @param target metadata whose relations it follows in objects of unknown classes
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
  const walk: Walk = { operator, seen, holder: undefined, owner: undefined };
  for (const arg of args) if (isObject(arg)) visit(arg, target, walk);
  return walk.owner;
}

/** Holds the inputs and the findings of one search through the arguments of an operation. */
interface Walk {
  readonly operator: Operator;
  /** Created for the first object that contains other objects, because most arguments contain none. */
  seen: Set<object> | undefined;
  holder: Holder | undefined;
  owner: string | undefined;
}

function visit(value: object, known: EntityMetadata | undefined, walk: Walk): void {
  if (Array.isArray(value)) {
    for (const each of value as unknown[]) if (isObject(each)) visit(each, known, walk);
    return;
  }
  const isRecord = isPlain(value);
  if ((!isRecord && isValue(value)) || walk.seen?.has(value)) return;
  walk.seen?.add(value);
  const schema = ownerOf(value);
  if (schema !== undefined) {
    walk.owner = schema;
    assertEntityOfTenant(value, (walk.holder ??= holderOf(walk.operator)));
  }
  const within = isRecord ? objectsIn(value as Record<string, unknown>) : [];
  // TypeORM reads `where` of options by its name, so it may be inherited or hidden.
  if ('where' in value) within.push(value.where);
  if (isRecord && within.length === 0) return;
  (walk.seen ??= new Set()).add(value);
  if (value instanceof FindOperator) within.push(value.value, value.objectLiteralParameters);
  const { entityMetadatasMap } = dataSourceOf(walk.operator);
  const metadata = isRecord ? known : (entityMetadatasMap.get(value.constructor) ?? known);
  // Relations come before the rest of a record, because the relation's metadata describes an object of an
  // unknown class.
  for (const relation of metadata?.relations ?? []) {
    const related: unknown = relation.getEntityValue(value);
    if (isObject(related)) visit(related, relation.inverseEntityMetadata, walk);
  }
  for (const each of within) if (isObject(each)) visit(each, metadata, walk);
}

/** Returns the objects in a record, except empty lists. */
function objectsIn(record: Record<string, unknown>): unknown[] {
  const objects: unknown[] = [];
  for (const name of Object.keys(record)) {
    const value = record[name];
    if (isObject(value) && !(Array.isArray(value) && value.length === 0)) objects.push(value);
  }
  return objects;
}

/**
 * Returns the client or the scope whose tenant an operation uses. It is that of the operation's query runner,
 * if there is one.
 *
 * @throws TenantMismatchError when a handle's operation has a query runner of another tenant
 */
export function holderOf(operator: Operator): Holder | undefined {
  const { queryRunner } = operator;
  const bound = scopeOf(dataSourceOf(operator));
  if (!queryRunner) return bound ?? tenantContext.scope;
  const [client, ofRunner] = [clientOf(queryRunner), scopeOf(queryRunner)];
  // A client whose connection broke has no tenant any more. Its handle's runner still has, and reports the failure.
  const holder = (client?.tenant || !ofRunner ? client : ofRunner) ?? tenantContext.scope;
  if (bound && holder?.tenant?.schema !== bound.tenant?.schema) {
    const [owner, current] = [holder, bound].map((each) => each?.tenant?.schema ?? 'none');
    throw new TenantMismatchError('This query runner', owner as string, current as string);
  }
  return holder;
}

/**
 * Asserts that a handle's operation has a query runner of the handle's tenant, if it has one.
 *
 * @throws TenantMismatchError
 */
export function assertRunnerOfHandle(operator: Operator): void {
  if (operator.queryRunner && scopeOf(dataSourceOf(operator))) holderOf(operator);
}

/** Returns whether an object has no class. */
export function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === Object.prototype || prototype === null;
}
