import { type EntityMetadata, FindOperator, type QueryRunner } from 'typeorm';
import { QueryExpressionMap } from 'typeorm/query-builder/QueryExpressionMap.js';
import { tenantContext } from '../../../context/tenant-context.js';
import { TenantMismatchError } from '../../../errors/tenant-mismatch.error.js';
import { scopeOf } from '../bound-scope.js';
import { clientOf } from '../../client/client-of.js';
import { type Holder, isObject, isValue, ownerOf } from './entity-owner.js';
import { type DataSourceHolder, dataSourceOf } from '../typeorm-versions.js';

/** A manager, a query builder or a relation loader, which runs operations. */
export interface Operator extends DataSourceHolder {
  readonly queryRunner?: QueryRunner;
}

/**
 * Rejects an entity of another tenant than its holder's, or than the current one unless the holder is bound: with the
 * same id it would act on another tenant's row.
 *
 * @throws TenantMismatchError
 */
export function assertEntityOfTenant(entity: unknown, holder?: Holder): void {
  const schema = ownerOf(entity);
  if (schema === undefined) return;
  const current = holder?.isBound ? undefined : tenantContext.current;
  for (const tenant of [holder?.tenant, current]) {
    if (tenant && tenant.schema !== schema) {
      throw new TenantMismatchError(`This ${describe(entity as object)}`, schema, tenant.schema);
    }
  }
}

/**
 * Rejects another tenant's entities among the arguments of an operation: in lists, objects, find operators, and
 * along the relations of entities.
 *
 * @param target whose relations to follow in objects of unknown classes
 * @param seen gets every object that was looked at
 * @returns the schema that the entities among the arguments belong to, or undefined if there are none
 * @throws TenantMismatchError
 */
export function assertArgumentsOfTenant(
  args: readonly unknown[],
  operator: Operator,
  target?: EntityMetadata,
  seen = new Set<object>(),
): string | undefined {
  if (!args.some(isObject)) return undefined;
  const { entityMetadatasMap } = dataSourceOf(operator);
  let owner: string | undefined;
  let holder: Holder | undefined;
  const visit = (value: unknown, known: EntityMetadata | undefined): void => {
    if (!isObject(value)) return;
    if (Array.isArray(value)) return value.forEach((each) => visit(each, known));
    const isRecord = isPlain(value);
    if (!isRecord && isValue(value)) return;
    if (seen.has(value)) return;
    seen.add(value);
    const schema = ownerOf(value);
    if (schema !== undefined) {
      owner = schema;
      assertEntityOfTenant(value, (holder ??= holderOf(operator)));
    }
    const within: unknown[] = isRecord ? Object.values(value).filter(isObject) : [];
    // Of options, TypeORM reads `where` by its name: of a class, inherited, or hidden.
    if ('where' in value) within.push(value.where);
    if (isRecord && within.length === 0) return;
    if (value instanceof FindOperator) within.push(value.value, value.objectLiteralParameters);
    const metadata = isRecord ? known : (entityMetadatasMap.get(value.constructor) ?? known);
    // Before the rest of a record: an object of an unknown class is read by its relation's metadata.
    for (const relation of metadata?.relations ?? []) {
      visit(relation.getEntityValue(value), relation.inverseEntityMetadata);
    }
    for (const each of within) visit(each, metadata);
  };
  for (const arg of args) visit(arg, target);
  return owner;
}

/** Returns the client or the scope whose tenant an operation is for. */
export function holderOf(operator: Operator): Holder | undefined {
  const { queryRunner } = operator;
  return (
    clientOf(queryRunner) ??
    scopeOf(queryRunner) ??
    scopeOf(dataSourceOf(operator)) ??
    tenantContext.scope
  );
}

function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === Object.prototype || prototype === null;
}

function describe(entity: object): string {
  if (entity instanceof QueryExpressionMap) return 'query builder';
  const name = entity.constructor?.name ?? 'Object';
  return name === 'Object' ? 'entity' : `${name} entity`;
}
