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

function visit(value: object, known: EntityMetadata | undefined, walk: Walk): void {
  if (Array.isArray(value)) {
    for (const each of value as unknown[]) if (isObject(each)) visit(each, known, walk);
    return;
  }
  const isRecord = isPlain(value);
  if ((!isRecord && isValue(value)) || isVisited(value, walk)) return;
  const schema = ownerOf(value);
  if (schema !== undefined) {
    walk.owner = schema;
    assertEntityOfTenant(value, (walk.holder ??= holderOf(walk.operator)));
  }
  // TypeORM reads `where` of options by its name, so it may be inherited or hidden.
  const { where } = value as { readonly where?: unknown };
  if (isObject(where)) visit(where, known, walk);
  if (isRecord) visitRecord(value as Record<string, unknown>, known, walk);
  else visitInstance(value, known, walk);
}

function visitRecord(
  record: Record<string, unknown>,
  known: EntityMetadata | undefined,
  walk: Walk,
): void {
  // Faster than a list of the names. A plain object inherits none.
  for (const name in record) {
    const value = record[name];
    if (!isObject(value) || name === 'where') continue;
    // The metadata of a relation describes an object of an unknown class.
    const relation = known?.relations.find(({ propertyName }) => propertyName === name);
    visit(value, relation?.inverseEntityMetadata ?? known, walk);
  }
}

function visitInstance(value: object, known: EntityMetadata | undefined, walk: Walk): void {
  const { entityMetadatasMap } = dataSourceOf(walk.operator);
  const metadata = entityMetadatasMap.get(value.constructor) ?? known;
  for (const relation of metadata?.relations ?? []) {
    const related: unknown = relation.getEntityValue(value);
    if (isObject(related)) visit(related, relation.inverseEntityMetadata, walk);
  }
  if (value instanceof FindOperator) {
    visit([value.value, value.objectLiteralParameters], metadata, walk);
  }
}

function isVisited(value: object, walk: Walk): boolean {
  if (++walk.visits > VISITS_WITHOUT_SET) walk.seen ??= new Set();
  if (walk.seen?.has(value)) return true;
  walk.seen?.add(value);
  return false;
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
  const client = clientOf(queryRunner);
  const ofRunner = scopeOf(queryRunner);
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
