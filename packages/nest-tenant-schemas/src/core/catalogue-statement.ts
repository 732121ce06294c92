import { carriesMarker, TENANT_SCHEMA } from './names/marker.js';

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
  return TYPEORM_METADATA.test(text) || (!carriesMarker(text) && CATALOGUE_READ.test(text));
}

/** Whether the marker is among the parameters, arrays of them included. */
export function parametersCarryMarker(values: readonly unknown[]): boolean {
  return values.some((value) =>
    Array.isArray(value) ? parametersCarryMarker(value) : value === TENANT_SCHEMA,
  );
}

/** A copy of the parameters with the schema in place of the marker. */
export function writeSchemaIntoParameters(values: readonly unknown[], schema: string): unknown[] {
  return values.map((value) => {
    if (Array.isArray(value)) return writeSchemaIntoParameters(value, schema);
    return value === TENANT_SCHEMA ? schema : value;
  });
}
