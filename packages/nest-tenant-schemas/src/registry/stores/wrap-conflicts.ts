import { QueryFailedError } from 'typeorm';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { TenantConflictError } from '../../errors/tenant-conflict.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';

/** `Key (lower(name::text))=(acme) already exists.` The server writes it in its own language, but keeps the parentheses. */
const KEY = /\((.*)\)=\(/;

/**
 * Runs a write of a tenant's row.
 *
 * @throws TenantConflictError if it breaks a unique constraint. It names the column that is taken
 */
export async function wrapConflicts<R>(
  tenant: Tenant & { readonly name?: unknown },
  write: () => Promise<R>,
): Promise<R> {
  try {
    return await write();
  } catch (error) {
    const { code, detail } = driverErrorOf(error);
    if (code !== POSTGRES_ERROR.uniqueViolation) throw error;
    throw new TenantConflictError(describeTaken(KEY.exec(detail ?? '')?.[1] ?? '', tenant), {
      cause: error,
    });
  }
}

function driverErrorOf(error: unknown): { readonly code?: unknown; readonly detail?: string } {
  return error instanceof QueryFailedError ? (error.driverError as object) : {};
}

function describeTaken(key: string, tenant: Tenant & { readonly name?: unknown }): string {
  if (/\bschema\b/.test(key)) return `schema "${tenant.schema}"`;
  if (/\bname\b/.test(key)) return `tenant name "${String(tenant.name)}"`;
  return key === 'id' ? `id ${tenant.id}` : `value of ${key || 'a unique column'}`;
}
