import { tenantContext } from '../context/tenant-context.js';
import { BoundTenantScope, TenantScope } from '../context/tenant-scope.js';
import { TenantMismatchError } from '../errors/tenant-mismatch.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { TenantClient } from './tenant-client.js';

/** A constructor that gives back what it is given: a derived class puts its private fields on that. */
class Given {
  constructor(given: object) {
    return given;
  }
}

/**
 * The schema of the tenant whose row an entity is, remembered from the client that loaded or wrote it, in a
 * private field on the entity itself: nothing sees or copies it, a frozen entity has it as well, and it costs a
 * tenth of an entry in a WeakMap, for every entity that is loaded.
 */
class OwnedEntity extends Given {
  #schema: string | undefined;

  static remember(entity: object, schema: string): void {
    const owned = #schema in entity ? entity : new OwnedEntity(entity);
    owned.#schema = schema;
  }

  static schemaOf(entity: object): string | undefined {
    return #schema in entity ? entity.#schema : undefined;
  }
}

/** The scope that the lazy relations of an entity load in, where it came through a bound handle. */
const boundScopes = new WeakMap<object, TenantScope>();

/**
 * Remembers that an entity is a row of the client's tenant. Ignores what stands for an entity without being one: an id
 * that TypeORM loaded in its place, and a lazy relation's promise.
 */
export function stampEntity(entity: unknown, client: TenantClient | undefined): void {
  if (!isObject(entity) || isValue(entity)) return;
  const tenant = client?.tenant ?? tenantContext.current;
  if (!tenant) return;
  OwnedEntity.remember(entity, tenant.schema);
  if (client?.isBound) boundScopes.set(entity, new BoundTenantScope(new TenantScope(tenant)));
}

/**
 * Refuses an entity of another tenant than its holder's (a client, a scope), or than the current one
 * where no holder is known yet: with the same id it would act on another tenant's row.
 *
 * @throws TenantMismatchError
 */
export function assertEntityOfTenant(
  entity: unknown,
  holder?: { readonly tenant: Tenant | undefined },
): void {
  if (!isObject(entity)) return;
  const schema = OwnedEntity.schemaOf(entity);
  const tenant = holder?.tenant ?? tenantContext.current;
  if (schema !== undefined && tenant && schema !== tenant.schema) {
    throw new TenantMismatchError(`This ${describe(entity)}`, schema, tenant.schema);
  }
}

/** The scope of the bound handle that loaded the entity, if one did. */
export function boundScopeOf(entity: unknown): TenantScope | undefined {
  return isObject(entity) ? boundScopes.get(entity) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Whether an object is a value, as an id may be, or will be one. */
function isValue(object: object): boolean {
  return object instanceof Date || object instanceof Promise || ArrayBuffer.isView(object);
}

function describe(entity: object): string {
  return `${entity.constructor?.name ?? 'entity'} entity`;
}
