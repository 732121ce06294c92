import { ServiceUnavailableException } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import {
  type Tenant,
  tenantContext,
  type TenantCache,
  TenantNotFoundError,
} from 'nest-tenant-schemas';
import { sqlStateOf } from './database-unavailable.js';
import { TENANT_DATA_MISSING, TENANT_RENAMED } from './error-messages.js';

/**
 * Codes of statements that fail if the schema or role of the tenant is gone: a missing table, a missing schema, and a
 * plan whose relation was dropped. The last two are codes of the engine, for prepared statements and for roles.
 */
const MISSING: ReadonlySet<string> = new Set([
  '42P01',
  '3F000',
  'XX000',
  'STATEMENT_OUTDATED',
  'TENANT_ROLE_UNAVAILABLE',
]);

/**
 * Returns the reason behind an error of a tenant's request. For the codes above, it reads the tenant and its schema again:
 * the tenant may have been dropped or renamed meanwhile, or its schema may be missing. Otherwise it returns the error, and
 * sends no statement.
 */
export async function explainMissingTenant(
  error: unknown,
  tenant: Tenant | undefined,
  tenantCache: TenantCache | undefined,
  dataSource: DataSource | undefined,
): Promise<unknown> {
  if (!tenant || !tenantCache || !dataSource || !MISSING.has(sqlStateOf(error))) return error;
  tenantCache.forget(tenant.id);
  try {
    const found = await tenantCache.find(tenant.id);
    if (!found) return new TenantNotFoundError();
    if (found.schema !== tenant.schema) return unavailable(TENANT_RENAMED);
    return (await hasSchema(dataSource, tenant.schema)) ? error : schemaMissing(tenant, error);
  } catch (failure) {
    return failure;
  }
}

async function hasSchema(dataSource: DataSource, schema: string): Promise<boolean> {
  const statement = 'SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1';
  const rows = await tenantContext.runWithoutTenant(() =>
    dataSource.query<unknown[]>(statement, [schema]),
  );
  return rows.length > 0;
}

/** Returns the error for a missing schema. Its cause is for the log. */
function schemaMissing({ id, schema }: Tenant, error: unknown): ServiceUnavailableException {
  const cause = new Error(
    `The schema "${schema}" of tenant ${id} does not exist. Restore it from a backup, or delete the tenant: ` +
      `tenant-schemas delete-tenant ${schema}`,
    { cause: error },
  );
  return unavailable(TENANT_DATA_MISSING, cause);
}

function unavailable(message: string, cause?: Error): ServiceUnavailableException {
  return new ServiceUnavailableException({ code: 'DATABASE_UNAVAILABLE', message }, { cause });
}
