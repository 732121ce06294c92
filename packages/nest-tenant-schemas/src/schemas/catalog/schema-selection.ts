import { allTenants } from '../../context/all-tenants.js';
import { TenantNotFoundError } from '../../errors/tenant-not-found.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import type { TenantRegistry } from '../../interfaces/tenant-registry.interface.js';

/** Selects the schemas of a run. The options add up. Default: the shared schema and all tenants' schemas. */
export interface SchemaSelection {
  /** Whether to select the shared schema. */
  readonly shared?: boolean | undefined;
  /** Whether to select all tenants' schemas. */
  readonly tenants?: boolean | undefined;
  /** Names of selected tenants' schemas. */
  readonly schemas?: readonly string[] | undefined;
}

/** Returns whether the selection includes the shared schema. */
export function selectsShared({ shared, tenants, schemas }: SchemaSelection): boolean {
  return shared === true || (!tenants && schemas === undefined);
}

/**
 * Yields the selected tenants, in the registry's order.
 *
 * @throws TenantNotFoundError before the first one, for schemas that no tenant has
 */
export async function* selectTenants<T extends Tenant>(
  registry: TenantRegistry<T>,
  { shared, tenants, schemas }: SchemaSelection,
): AsyncGenerator<T> {
  if (tenants || (!shared && schemas === undefined)) yield* allTenants(registry);
  if (tenants || schemas === undefined) return;
  const missing = new Set(schemas);
  const found: T[] = [];
  for await (const tenant of allTenants(registry)) {
    if (missing.delete(tenant.schema)) found.push(tenant);
  }
  if (missing.size > 0) {
    throw new TenantNotFoundError(`No tenant has the schema ${[...missing].join(', ')}.`);
  }
  yield* found;
}

/** Counts the selected schemas. */
export async function countSchemas(
  registry: TenantRegistry,
  selection: SchemaSelection,
): Promise<number> {
  let count = selectsShared(selection) ? 1 : 0;
  const tenants = selectTenants(registry, selection);
  while (!(await tenants.next()).done) count += 1;
  return count;
}
