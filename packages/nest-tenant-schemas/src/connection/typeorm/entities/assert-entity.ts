import { QueryExpressionMap } from 'typeorm/query-builder/QueryExpressionMap.js';
import { tenantContext } from '../../../context/tenant-context.js';
import { TenantMismatchError } from '../../../errors/tenant-mismatch.error.js';
import { type Holder, inheritedOwnerOf, isObject } from './entity-owner.js';
import { forEachSent, valuesOf } from './search/sent-objects.js';

/**
 * Rejects an entity of a tenant other than the holder's. Unless the holder is bound, it also rejects one of a
 * tenant other than the current. Otherwise the entity's id would select another tenant's row.
 *
 * @throws TenantMismatchError
 */
export function assertEntityOfTenant(entity: unknown, holder?: Holder): void {
  const schema = isObject(entity) ? inheritedOwnerOf(entity) : undefined;
  if (schema === undefined) return;
  const current = holder?.isBound ? undefined : tenantContext.scope?.tenant;
  for (const tenant of [holder?.tenant, current]) {
    if (tenant && tenant.schema !== schema) {
      throw new TenantMismatchError(`This ${describe(entity as object)}`, schema, tenant.schema);
    }
  }
}

/**
 * Rejects another tenant's entities in the parameters of a statement, at any depth. pg sends objects as JSON,
 * so it sends all properties that the search visits. A parameter that is not an object costs one comparison.
 *
 * @throws TenantMismatchError
 */
export function assertParametersOfTenant(parameters: unknown, holder: Holder | undefined): void {
  if (!isObject(parameters) || !valuesOf(parameters).some(isObject)) return;
  forEachSent(parameters, (object) => assertEntityOfTenant(object, holder));
}

function describe(entity: object): string {
  if (entity instanceof QueryExpressionMap) return 'query builder';
  const name = entity.constructor?.name ?? 'Object';
  return name === 'Object' ? 'entity' : `${name} entity`;
}
