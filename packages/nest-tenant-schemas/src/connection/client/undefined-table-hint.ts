import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';

type QueryCallback = (error: unknown, ...rest: unknown[]) => unknown;

/**
 * Gives the 42P01 of raw SQL that forgot the placeholder a hint: the search path holds no tenant's schema,
 * so that an unqualified name is an error and never another schema's table.
 */
export function withUndefinedTableHint<T>(result: Promise<T>): Promise<T> {
  return result.catch((error: unknown) => {
    addHint(error);
    throw error;
  });
}

/** The same for the callback of a query: what `pool.query()` hands to the client. */
export function hintingCallback(callback: QueryCallback): QueryCallback {
  return (error, ...rest) => {
    addHint(error);
    return callback(error, ...rest);
  };
}

function addHint(error: unknown): void {
  const { code } = (error ?? {}) as { code?: string };
  if (code !== POSTGRES_ERROR.undefinedTable) return;
  (error as { hint?: string }).hint ??=
    `Name the tenant's schema in raw SQL by its placeholder: "${TENANT_SCHEMA}".table_name.`;
}
