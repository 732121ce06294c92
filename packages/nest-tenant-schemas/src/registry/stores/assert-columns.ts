import { TenantRowRejectedError } from '../../errors/tenant-row-rejected.error.js';

/**
 * Rejects values for columns that the table of tenants does not have.
 *
 * @param table names the table or the entity in the error
 * @throws TenantRowRejectedError
 */
export function assertColumns(values: object, columns: readonly string[], table: string): void {
  const unknown = Object.keys(values).filter((name) => !columns.includes(name));
  if (unknown.length === 0) return;
  const known = [...new Set(columns)].join(', ');
  throw new TenantRowRejectedError(
    `The table of tenants has no column ${unknown.join(', ')}. The columns of ${table} are ${known}.`,
  );
}
