import { TenantNotFoundError } from '../../errors/tenant-not-found.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import type { TenantRegistry } from '../../interfaces/tenant-registry.interface.js';

/** Which schemas a run is about; what is chosen adds up. Default: the shared schema and every tenant's. */
export interface SchemaSelection {
  readonly shared?: boolean | undefined;
  /** Every tenant's. */
  readonly tenants?: boolean | undefined;
  /** Those of these tenants, by name. */
  readonly schemas?: readonly string[] | undefined;
}

/** Whether the shared schema is among the chosen. */
export function selectsShared({ shared, tenants, schemas }: SchemaSelection): boolean {
  return shared === true || (!tenants && schemas === undefined);
}

/**
 * The chosen tenants, in the registry's order.
 *
 * @throws TenantNotFoundError before the first one, naming the schemas that no tenant has
 */
export async function* selectTenants<T extends Tenant>(
  registry: TenantRegistry<T>,
  { shared, tenants, schemas }: SchemaSelection,
): AsyncGenerator<T> {
  if (tenants || (!shared && schemas === undefined)) yield* registry.all();
  if (tenants || schemas === undefined) return;
  const missing = new Set(schemas);
  const found: T[] = [];
  for await (const tenant of registry.all()) {
    if (missing.delete(tenant.schema)) found.push(tenant);
  }
  if (missing.size > 0) {
    throw new TenantNotFoundError(`No tenant has the schema ${[...missing].join(', ')}.`);
  }
  yield* found;
}

/** How many schemas are chosen. */
export async function countSchemas(
  registry: TenantRegistry,
  selection: SchemaSelection,
): Promise<number> {
  let count = selectsShared(selection) ? 1 : 0;
  const tenants = selectTenants(registry, selection);
  while (!(await tenants.next()).done) count += 1;
  return count;
}
