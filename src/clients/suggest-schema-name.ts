import { MAX_SCHEMA_NAME_BYTES, schemaNameProblem } from '../tenancy/index.js';

/** A valid schema name made from a tenant's name: `Acme & Söhne` gives `acme_sohne`. */
export function suggestSchemaName(tenantName: string): string {
  const plain = tenantName
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, MAX_SCHEMA_NAME_BYTES);
  if (schemaNameProblem(plain) === undefined) return plain;
  return `tenant_${plain}`.slice(0, MAX_SCHEMA_NAME_BYTES).replace(/_+$/, '');
}
