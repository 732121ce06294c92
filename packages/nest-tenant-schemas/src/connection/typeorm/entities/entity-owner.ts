import type { EntityMetadata } from 'typeorm';
import { tenantContext } from '../../../context/tenant-context.js';
import { BoundTenantScope, TenantScope } from '../../../context/tenant-scope.js';
import { TENANT_SCHEMA } from '../../../core/names/schema-placeholder.js';
import type { Tenant } from '../../../interfaces/tenant.interface.js';

/** Describes a client or a scope: the tenant of an operation, and whether it ignores the current tenant. */
export interface Holder {
  readonly tenant: Tenant | undefined;
  readonly isBound: boolean;
}

/** Returns its constructor argument, so that a derived class adds its private fields to that object. */
class Given {
  constructor(given: object) {
    return given;
  }
}

/**
 * Stores the schema of an entity's tenant in a private field of the entity. Other code cannot see or copy the
 * field, and frozen entities can have it. It costs a tenth of an entry in a WeakMap.
 */
export class OwnedEntity extends Given {
  #schema: string | undefined;

  static stamp(entity: object, schema: string): void {
    const owned = #schema in entity ? entity : new OwnedEntity(entity);
    owned.#schema = schema;
  }

  static schemaOf(entity: object): string | undefined {
    return #schema in entity ? entity.#schema : undefined;
  }
}

/** Maps an entity to the scope of its bound handle, in which its lazy relations load. */
const boundScopes = new WeakMap<object, TenantScope>();

/**
 * Records that an entity is a row of the holder's tenant, or else of the current one. It ignores entities of
 * shared tables, and ids and promises that TypeORM returns in place of entities.
 */
export function stampEntity(
  entity: unknown,
  { schema }: EntityMetadata,
  holder: Holder | undefined,
): void {
  if (schema !== TENANT_SCHEMA || !isObject(entity) || isValue(entity)) return;
  const tenant = holder?.tenant ?? tenantContext.scope?.tenant;
  if (!tenant) return;
  OwnedEntity.stamp(entity, tenant.schema);
  // The scope of the holder may write later, so lazy relations of the entity always read from the primary.
  if (holder?.isBound)
    bindEntity(entity, new BoundTenantScope(new TenantScope(tenant, false, true)));
}

/**
 * Assigns an object to the tenant of the entity that it was built from. It may be a copy, a map of ids, or a
 * query builder.
 */
export function inheritOwner(made: unknown, schema: string | undefined): void {
  if (schema !== undefined && isObject(made)) OwnedEntity.stamp(made, schema);
}

/** Assigns a copy of an entity, and the copies of related entities in it, to the entity's tenant. */
export function inheritOwnerAlong(
  copy: unknown,
  metadata: EntityMetadata | undefined,
  schema: string | undefined,
  seen = new Set<object>(),
): void {
  if (schema === undefined || !isObject(copy) || isValue(copy) || seen.has(copy)) return;
  seen.add(copy);
  if (ownerOf(copy) === undefined) inheritOwner(copy, schema);
  for (const relation of metadata?.relations ?? []) {
    for (const related of [relation.getEntityValue(copy) as unknown].flat()) {
      inheritOwnerAlong(related, relation.inverseEntityMetadata, schema, seen);
    }
  }
}

/** Returns the schema of the tenant of an entity, or of an object that was built from one. */
export function ownerOf(entity: unknown): string | undefined {
  return isObject(entity) ? OwnedEntity.schemaOf(entity) : undefined;
}

/** Returns the same, also for an object that inherits from an entity. */
export function inheritedOwnerOf(object: object): string | undefined {
  const schema = OwnedEntity.schemaOf(object);
  if (schema !== undefined) return schema;
  const prototype = Object.getPrototypeOf(object) as object | null;
  if (prototype === null || prototype === Object.prototype) return undefined;
  return inheritedOwnerOf(prototype);
}

/** Makes the lazy relations of an entity load in the scope of its handle. */
export function bindEntity(entity: unknown, scope: TenantScope | undefined): void {
  if (scope && isObject(entity)) boundScopes.set(entity, scope);
}

/** Returns the scope of the bound handle that loaded or created the entity. */
export function boundScopeOf(entity: unknown): TenantScope | undefined {
  return isObject(entity) ? boundScopes.get(entity) : undefined;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Returns whether an object is the value of a column, or a promise. */
export function isValue(object: object): boolean {
  return object instanceof Date || object instanceof Promise || ArrayBuffer.isView(object);
}
