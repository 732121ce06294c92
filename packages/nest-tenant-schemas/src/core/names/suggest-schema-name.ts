import { MAX_SCHEMA_NAME_BYTES, schemaNameProblem } from './schema-name.js';

/** Returns a valid schema name for a tenant's name: `acme_sohne` for `Acme & Söhne`. It may be taken. */
export function suggestSchemaName(tenantName: string): string {
  const plain = tenantName
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/^_/, '');
  const name = fit(plain);
  return schemaNameProblem(name) === undefined ? name : fit(`tenant_${plain}`);
}

function fit(name: string): string {
  return name.slice(0, MAX_SCHEMA_NAME_BYTES).replace(/_$/, '');
}
