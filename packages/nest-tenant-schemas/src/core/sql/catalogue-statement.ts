import { hasPlaceholder, TENANT_SCHEMA } from '../names/schema-placeholder.js';

/** Matches reads of the system catalogues, as TypeORM's query runner writes them. */
const CATALOGUE_READ =
  /^\s*(?:SELECT|WITH)\b[\s\S]*\b(?:information_schema"?\s*\.|pg_catalog"?\s*\.|pg_(?:class|namespace|tables|views|matviews|indexes|index|constraint|attribute|attrdef|type|enum|sequences?|description)\b)/i;

/** Matches TypeORM's table of views and generated columns, whose rows name schemas. */
const TYPEORM_METADATA = /\btypeorm_metadata\b/;

/**
 * Returns whether parameters of the statement may name a schema. Parameters of other statements are user
 * data, also if a statement reads a tenant's tables together with the catalogues.
 */
export function isCatalogueStatement(text: string): boolean {
  return TYPEORM_METADATA.test(text) || (!hasPlaceholder(text) && CATALOGUE_READ.test(text));
}

/** Returns whether a parameter, or an element of an array parameter, is the placeholder. */
export function parametersHavePlaceholder(values: readonly unknown[]): boolean {
  return values.some((value) =>
    Array.isArray(value) ? parametersHavePlaceholder(value) : value === TENANT_SCHEMA,
  );
}

/** Copies the parameters and replaces the placeholder with the schema. */
export function replacePlaceholderInParameters(
  values: readonly unknown[],
  schema: string,
): unknown[] {
  return values.map((value) => {
    if (Array.isArray(value)) return replacePlaceholderInParameters(value, schema);
    return value === TENANT_SCHEMA ? schema : value;
  });
}
