import { ServiceUnavailableException } from '@nestjs/common';
import { type Tenant, type TenantDirectory, TenantNotFoundError } from '../tenancy/index.js';
import { sqlStateOf } from './database-unavailable.js';
import { TENANT_RENAMED } from './error-messages.js';

/**
 * Codes of a statement whose table, schema or plan was dropped under it; the last two are the engine's, of a prepared one
 * and of one whose role has gone.
 */
const MISSING: ReadonlySet<string> = new Set([
  '42P01',
  '3F000',
  'XX000',
  'STATEMENT_OUTDATED',
  'TENANT_PIN_FAILED',
]);

/**
 * The reason behind an error of a tenant's request: that the tenant was dropped or renamed meanwhile, where
 * the error looks like it and the registry, asked again, says so; else the error itself.
 */
export async function reasonOf(
  error: unknown,
  tenant: Tenant | undefined,
  directory: TenantDirectory | undefined,
): Promise<unknown> {
  if (!tenant || !directory || !MISSING.has(sqlStateOf(error))) return error;
  directory.forget(tenant.id);
  try {
    const found = await directory.find(tenant.id);
    if (!found) return new TenantNotFoundError();
    return found.schema === tenant.schema ? error : renamed();
  } catch (failure) {
    return failure;
  }
}

/** The next request finds it under its new name. */
function renamed(): ServiceUnavailableException {
  return new ServiceUnavailableException({ code: 'DATABASE_UNAVAILABLE', message: TENANT_RENAMED });
}
