import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import type { Callback } from './statement.js';

/**
 * Adds a hint to error 42P01 of raw SQL without the placeholder. The search path contains no tenant's schema,
 * so an unqualified name causes this error and never reaches another schema's table.
 */
export function withUndefinedTableHint<T>(result: Promise<T>): Promise<T> {
  return result.catch((error: unknown) => {
    addHint(error);
    throw error;
  });
}

/** Adds the hint to the error that a callback of `pool.query()` receives. */
export function hintingCallback(callback: Callback): Callback {
  return (error, ...rest) => {
    addHint(error);
    return callback(error, ...rest);
  };
}

function addHint(error: unknown): void {
  const { code } = (error ?? {}) as { code?: string };
  if (code !== POSTGRES_ERROR.undefinedTable) return;
  (error as { hint?: string }).hint ??=
    `Write the schema placeholder in raw SQL: "${TENANT_SCHEMA}".table_name.`;
}
