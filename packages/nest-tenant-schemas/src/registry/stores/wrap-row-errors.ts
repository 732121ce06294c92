import { QueryFailedError } from 'typeorm';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { TenantConflictError } from '../../errors/tenant-conflict.error.js';
import { TenantRowRejectedError } from '../../errors/tenant-row-rejected.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';

/** `Key (lower(name::text))=(acme) already exists.` The server writes it in its own language, but keeps the parentheses. */
const KEY = /\((.*)\)=\(/;

/** The classes of SQLSTATEs that mean: the row's values, not the statement. Data exceptions, and broken constraints. */
const OF_VALUES = /^2[23]/;

/** The columns of the table that hold the tenant's name and schema. */
export interface RowColumns {
  readonly name: string | undefined;
  readonly schema: string;
}

/**
 * Runs a write of a tenant's row.
 *
 * @param columns names in the database. Default: `name` and `schema`
 *
 * @throws TenantConflictError if it breaks a unique constraint. It names the column that is taken
 * @throws TenantRowRejectedError if the table does not take a value, for example NULL in a column that requires one
 */
export async function wrapRowErrors<R>(
  tenant: Tenant & { readonly name?: unknown },
  write: () => Promise<R>,
  columns: RowColumns = { name: 'name', schema: 'schema' },
): Promise<R> {
  try {
    return await write();
  } catch (error) {
    const { code, detail, message } = driverErrorOf(error);
    if (code === POSTGRES_ERROR.uniqueViolation) {
      const taken = describeTaken(KEY.exec(detail ?? '')?.[1] ?? '', tenant, columns);
      throw new TenantConflictError(taken, { cause: error });
    }
    if (!OF_VALUES.test(String(code))) throw error;
    throw new TenantRowRejectedError(`The table of tenants rejects the row: ${message}.`, {
      cause: error,
    });
  }
}

function driverErrorOf(error: unknown): {
  readonly code?: unknown;
  readonly detail?: string;
  readonly message?: string;
} {
  return error instanceof QueryFailedError ? (error.driverError as object) : {};
}

function describeTaken(
  key: string,
  tenant: Tenant & { readonly name?: unknown },
  { name, schema }: RowColumns,
): string {
  const words = key.split(/\W+/);
  if (words.includes(schema)) return `schema "${tenant.schema}"`;
  if (name !== undefined && words.includes(name)) return `tenant name "${String(tenant.name)}"`;
  return key === 'id' ? `id ${tenant.id}` : `value of ${key || 'a unique column'}`;
}
