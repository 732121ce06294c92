import { MAX_SCHEMA_NAME_BYTES, schemaNameProblem } from 'nest-tenant-schemas';

/** A valid schema name made from a tenant's name: `Acme & Söhne` gives `acme_sohne`. */
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
