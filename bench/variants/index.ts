import { startDataSourcePerTenant } from './data-source-per-tenant.js';
import { startLimit } from './limit/index.js';
import { startPathPerRequest } from './path-per-request.js';
import { startRequestScope } from './request-scope.js';
import { startSingleTenant } from './single-tenant.js';
import { startTenants } from './tenants.js';
import type { Served, Setting } from './setting.js';

interface Variant {
  /** For a table. */
  readonly title: string;
  readonly start: (setting: Setting) => Promise<Served>;
  /** Settings of the application by their variables, beside the defaults. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Whether it has one tenant's data only, whatever tenant is asked for. */
  readonly isSingleTenant?: boolean;
}

/** What is compared, by the names that `--variants` takes. Ratios are to the first one. */
export const VARIANTS = {
  single: {
    title: 'single-tenant: plain TypeOrmModule',
    start: startSingleTenant,
    isSingleTenant: true,
  },
  ours: { title: 'ours, the defaults', start: startTenants },
  role: {
    title: 'ours, TENANT_ISOLATION=role',
    start: startTenants,
    variables: { TENANT_ISOLATION: 'role' },
  },
  search_path: {
    title: 'ours, TENANT_RAW_SQL=search_path',
    start: startTenants,
    variables: { TENANT_RAW_SQL: 'search_path' },
  },
  request_scope: { title: 'our pool, request-scoped', start: startRequestScope },
  request_path: { title: 'SET search_path, request-scoped', start: startPathPerRequest },
  data_source: { title: 'a DataSource per tenant', start: startDataSourcePerTenant },
  limit: { title: 'the limit: Fastify and pg alone', start: startLimit },
} as const satisfies Record<string, Variant>;

export type VariantName = keyof typeof VARIANTS;

export const VARIANT_NAMES = Object.keys(VARIANTS) as VariantName[];

/** With what is optional typed as such. */
export function variantOf(name: VariantName): Variant {
  return VARIANTS[name];
}
