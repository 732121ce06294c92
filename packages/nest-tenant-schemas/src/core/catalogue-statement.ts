import { hasPlaceholder, TENANT_SCHEMA } from './names/schema-placeholder.js';

/** Reads of the system catalogues, as TypeORM's query runner writes them. */
const CATALOGUE_READ =
  /^\s*(?:SELECT|WITH)\b[\s\S]*\b(?:information_schema"?\s*\.|pg_catalog"?\s*\.|pg_(?:class|namespace|tables|views|matviews|indexes|index|constraint|attribute|attrdef|type|enum|sequences?|description)\b)/i;

/** TypeORM's own bookkeeping of views and generated columns, which names schemas in its rows. */
const TYPEORM_METADATA = /\btypeorm_metadata\b/;

/**
 * Whether parameters of this statement may name a schema, as opposed to being a user's data. A statement
 * that reads a tenant's tables beside the catalogues has the user's.
 */
export function isCatalogueStatement(text: string): boolean {
  return TYPEORM_METADATA.test(text) || (!hasPlaceholder(text) && CATALOGUE_READ.test(text));
}

/** Whether the placeholder is among the parameters, arrays of them included. */
export function parametersHavePlaceholder(values: readonly unknown[]): boolean {
  return values.some((value) =>
    Array.isArray(value) ? parametersHavePlaceholder(value) : value === TENANT_SCHEMA,
  );
}

/** A copy of the parameters with the schema in place of the placeholder. */
export function replacePlaceholderInParameters(
  values: readonly unknown[],
  schema: string,
): unknown[] {
  return values.map((value) => {
    if (Array.isArray(value)) return replacePlaceholderInParameters(value, schema);
    return value === TENANT_SCHEMA ? schema : value;
  });
}
