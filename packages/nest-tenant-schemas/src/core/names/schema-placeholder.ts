/**
 * The reserved name that stands for "the current tenant's schema" in every statement until a client
 * sends it. It is the `schema` of the one DataSource, and what raw SQL writes:
 * `` `SELECT count(*) FROM "${TENANT_SCHEMA}".polls` ``. Decision: docs/decisions/0001-schema-placeholder.md.
 */
export const TENANT_SCHEMA = '__tenant__';

/** Whether a statement names the tenant's schema. */
export function hasPlaceholder(text: string): boolean {
  return text.includes(TENANT_SCHEMA);
}

/**
 * The statement with the tenant's schema written over the placeholder, wherever it stands: literals and
 * comments included, since DDL names schemas in both.
 *
 * @param schema a name that has passed `assertSchemaName`; nothing is quoted or escaped here
 */
export function replacePlaceholder(text: string, schema: string): string {
  return text.replaceAll(TENANT_SCHEMA, schema);
}
