import { type DataSource, type EntityMetadata, FindOperator, type QueryRunner } from 'typeorm';
import { QueryExpressionMap } from 'typeorm/query-builder/QueryExpressionMap.js';
import { tenantContext } from '../../context/tenant-context.js';
import { BoundTenantScope, TenantScope } from '../../context/tenant-scope.js';
import { TenantMismatchError } from '../../errors/tenant-mismatch.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import { scopeOf } from './bound-scope.js';
import { clientOf } from '../client/client-of.js';
import type { TenantClient } from '../client/tenant-client.js';

/** A client or a scope: the tenant for which an operation runs, and whether it ignores the current one. */
interface Holder {
  readonly tenant: Tenant | undefined;
  readonly isBound: boolean;
}

/** A manager, a query builder or a relation loader, which runs operations. */
export interface Operator {
  readonly dataSource: DataSource;
  readonly queryRunner?: QueryRunner;
}

/** A constructor that returns its argument: a derived class adds its private fields to that object. */
class Given {
  constructor(given: object) {
    return given;
  }
}

/**
 * The tenant's schema that an entity belongs to, in a private field of the entity itself. No code can see or copy the
 * field, frozen entities can have it, and it costs a tenth of an entry in a WeakMap.
 */
class OwnedEntity extends Given {
  #schema: string | undefined;

  static stamp(entity: object, schema: string): void {
    const owned = #schema in entity ? entity : new OwnedEntity(entity);
    owned.#schema = schema;
  }

  static schemaOf(entity: object): string | undefined {
    return #schema in entity ? entity.#schema : undefined;
  }
}

/** The scope in which the lazy relations of an entity load, if a bound handle loaded or created it. */
const boundScopes = new WeakMap<object, TenantScope>();

/**
 * Remembers that an entity is a row of the client's tenant. Ignores the ids and the promises that TypeORM loads in
 * place of entities.
 */
export function stampEntity(entity: unknown, client: TenantClient | undefined): void {
  if (!isObject(entity) || isValue(entity)) return;
  const tenant = client?.tenant ?? tenantContext.current;
  if (!tenant) return;
  OwnedEntity.stamp(entity, tenant.schema);
  if (client?.isBound) bindEntity(entity, new BoundTenantScope(new TenantScope(tenant)));
}

/** Makes what is built from an entity belong to the entity's tenant: a copy, a map of its ids, a query builder. */
export function inheritOwner(made: unknown, schema: string | undefined): void {
  if (schema !== undefined && isObject(made)) OwnedEntity.stamp(made, schema);
}

/** Returns the schema of the tenant that an entity, or an object built from one, belongs to. */
export function ownerOf(entity: unknown): string | undefined {
  return isObject(entity) ? OwnedEntity.schemaOf(entity) : undefined;
}

/** Makes the lazy relations of an entity load in the scope of the handle that it comes from. */
export function bindEntity(entity: unknown, scope: TenantScope | undefined): void {
  if (scope && isObject(entity)) boundScopes.set(entity, scope);
}

/** Returns the scope of the bound handle that loaded or created the entity. */
export function boundScopeOf(entity: unknown): TenantScope | undefined {
  return isObject(entity) ? boundScopes.get(entity) : undefined;
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
 * @returns the schema that the entities among the arguments belong to, or undefined if there are none
 * @throws TenantMismatchError
 */
export function assertArgumentsOfTenant(
  args: readonly unknown[],
  operator: Operator,
  target?: EntityMetadata,
): string | undefined {
  if (!args.some(isObject)) return undefined;
  const { entityMetadatasMap } = operator.dataSource;
  const seen = new Set<object>();
  let owner: string | undefined;
  let holder: Holder | undefined;
  const visit = (value: unknown, known: EntityMetadata | undefined): void => {
    if (!isObject(value)) return;
    if (Array.isArray(value)) return value.forEach((each) => visit(each, known));
    const isRecord = isPlain(value);
    if (!isRecord && isValue(value)) return;
    if (seen.has(value)) return;
    seen.add(value);
    const schema = OwnedEntity.schemaOf(value);
    if (schema !== undefined) {
      owner = schema;
      assertEntityOfTenant(value, (holder ??= holderOf(operator)));
    }
    const within: unknown[] = isRecord ? Object.values(value).filter(isObject) : [];
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
export function holderOf({ dataSource, queryRunner }: Operator): Holder | undefined {
  return (
    clientOf(queryRunner) ?? scopeOf(queryRunner) ?? scopeOf(dataSource) ?? tenantContext.scope
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Whether an object is a value of a column, or a promise of one. */
function isValue(object: object): boolean {
  return object instanceof Date || object instanceof Promise || ArrayBuffer.isView(object);
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
