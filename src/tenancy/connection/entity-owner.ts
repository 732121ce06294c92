import { tenantContext } from '../context/tenant-context.js';
import { PinnedTenantScope, TenantScope } from '../context/tenant-scope.js';
import { TenantMismatchError } from '../errors/tenant-mismatch.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { TenantClient } from './tenant-client.js';

/** Which tenant's row an entity is, remembered from the client that loaded or wrote it. */
interface Owner {
  readonly schema: string;
  /** Set when it came through a bound handle: the scope that its lazy relations load in. */
  readonly scope: TenantScope | undefined;
}

const owners = new WeakMap<object, Owner>();

/** Remembers that an entity is a row of the client's tenant. */
export function stampEntity(entity: object, client: TenantClient | undefined): void {
  const tenant = client?.tenant ?? tenantContext.current;
  if (!tenant) return;
  const scope = client?.isPinned ? new PinnedTenantScope(new TenantScope(tenant)) : undefined;
  owners.set(entity, { schema: tenant.schema, scope });
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
  const owner = ownerOf(entity);
  const tenant = holder?.tenant ?? tenantContext.current;
  if (owner && tenant && owner.schema !== tenant.schema) {
    throw new TenantMismatchError(`This ${describe(entity)}`, owner.schema, tenant.schema);
  }
}

/** The scope of the bound handle that loaded the entity, if one did. */
export function pinnedScopeOf(entity: unknown): TenantScope | undefined {
  return ownerOf(entity)?.scope;
}

function ownerOf(entity: unknown): Owner | undefined {
  return typeof entity === 'object' && entity !== null ? owners.get(entity) : undefined;
}

function describe(entity: unknown): string {
  return `${(entity as object).constructor?.name ?? 'entity'} entity`;
}
