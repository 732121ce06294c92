import { TENANT_SCHEMA } from '../core/marker.js';
import { POSTGRES_ERROR } from '../core/postgres-error-codes.js';

/**
 * Gives the 42P01 of raw SQL that forgot the marker a hint: the search path holds no tenant's schema,
 * so that an unqualified name is an error and never another schema's table.
 */
export function withUndefinedTableHint<T>(result: Promise<T>): Promise<T> {
  return result.catch((error: Error & { code?: string; hint?: string }) => {
    if (error.code === POSTGRES_ERROR.undefinedTable) {
      error.hint ??= `Name the tenant's schema in raw SQL by its marker: "${TENANT_SCHEMA}".table_name.`;
    }
    throw error;
  });
}
