/**
 * Stands for the current tenant's schema in every statement. A client replaces it when it sends the
 * statement. It is the `schema` of the DataSource, and raw SQL writes it: `` `SELECT count(*) FROM
 * "${TENANT_SCHEMA}".polls` ``. Decision: docs/decisions/0001-schema-placeholder.md.
 */
export const TENANT_SCHEMA = '__tenant__';

/** Returns whether a statement contains the schema placeholder. */
export function hasPlaceholder(text: string): boolean {
  return text.includes(TENANT_SCHEMA);
}

/**
 * Replaces the placeholder with a schema everywhere in a statement. Literals and comments are included,
 * because DDL names schemas in both.
 *
 * @param schema a name that has passed `assertSchemaName`: this function does not quote or escape it
 */
export function replacePlaceholder(text: string, schema: string): string {
  return text.replaceAll(TENANT_SCHEMA, schema);
}
