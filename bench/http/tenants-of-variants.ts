import type { BenchTenant } from '../database.js';
import { variantOf, type VariantName } from '../variants/index.js';
import type { Case } from './tables.js';
import { isWriting } from './workloads.js';

/** How many tenants a case needs. They have to exist before the variants are started, which look them up only then. */
export function tenantsNeeded(
  { workload, tenants }: Pick<Case, 'workload' | 'tenants'>,
  variants: readonly VariantName[],
): number {
  const others = isWriting(workload) ? variants.filter((each) => !isSingleTenant(each)).length : 1;
  return 1 + tenants * others;
}

/**
 * The tenants that a variant is asked for: the first of all for the single-tenant application, others for the rest, and where they write,
 * each has its own: what another variant has written, and deleted, would be read by it as well.
 */
export function tenantsOf(
  variant: VariantName,
  { workload, tenants }: Pick<Case, 'workload' | 'tenants'>,
  variants: readonly VariantName[],
  all: readonly BenchTenant[],
): BenchTenant[] {
  if (isSingleTenant(variant)) return all.slice(0, tenants);
  const others = variants.filter((each) => !isSingleTenant(each));
  const place = isWriting(workload) ? others.indexOf(variant) : 0;
  return all.slice(1 + place * tenants, 1 + (place + 1) * tenants);
}

export function isSingleTenant(variant: VariantName): boolean {
  return variantOf(variant).isSingleTenant ?? false;
}
