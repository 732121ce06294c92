import { tenantContext } from '../context/tenant-context.js';
import { BoundTenantScope, TenantScope } from '../context/tenant-scope.js';
import { TenantMismatchError } from '../errors/tenant-mismatch.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { TenantClient } from './tenant-client.js';

/** The schema of the tenant whose row an entity is, remembered from the client that loaded or wrote it. */
const schemas = new WeakMap<object, string>();

/** The scope that the lazy relations of an entity load in, where it came through a bound handle. */
const boundScopes = new WeakMap<object, TenantScope>();

/** Remembers that an entity is a row of the client's tenant. */
export function stampEntity(entity: object, client: TenantClient | undefined): void {
  const tenant = client?.tenant ?? tenantContext.current;
  if (!tenant) return;
  schemas.set(entity, tenant.schema);
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
  const schema = schemas.get(entity);
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

function describe(entity: object): string {
  return `${entity.constructor?.name ?? 'entity'} entity`;
}
