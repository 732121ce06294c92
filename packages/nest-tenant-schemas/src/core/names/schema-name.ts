import { SchemaNameInvalidError } from '../../errors/schema-name-invalid.error.js';
import { TENANT_SCHEMA } from './schema-placeholder.js';
import { RESERVED_WORDS } from './reserved-words.js';

/** Limits schema names, in bytes. PostgreSQL silently truncates longer names (NAMEDATALEN - 1). */
export const MAX_SCHEMA_NAME_BYTES = 63;

/** Lists schemas of the product or the server, which no tenant can have. */
const KEPT_NAMES: ReadonlySet<string> = new Set([
  'public',
  'information_schema',
  'extensions',
  TENANT_SCHEMA,
]);

/**
 * Returns the rule that a schema name breaks, in words that complete "The schema name …". Returns undefined
 * for a valid name. A valid name can replace the placeholder without quotes or escapes.
 */
export function schemaNameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string' || name === '') return 'is missing';
  if (!/^[a-z_][a-z0-9_]*$/.test(name)) {
    return 'must start with a letter a-z or _ and contain only a-z, 0-9 and _ (lower case)';
  }
  if (name.length > MAX_SCHEMA_NAME_BYTES) {
    return `must be at most ${MAX_SCHEMA_NAME_BYTES} bytes long (it has ${name.length})`;
  }
  if (name.startsWith('pg_')) return 'must not start with pg_, which PostgreSQL keeps for itself';
  if (name.includes(TENANT_SCHEMA)) return `must not contain ${TENANT_SCHEMA}, which is reserved`;
  if (KEPT_NAMES.has(name)) return `must not be ${name}, which is reserved`;
  if (RESERVED_WORDS.has(name)) return `must not be ${name}, a reserved word of SQL`;
  return undefined;
}

/**
 * Asserts that a schema name is valid.
 *
 * @throws SchemaNameInvalidError names the broken rule
 */
export function assertSchemaName(name: unknown): asserts name is string {
  const problem = schemaNameProblem(name);
  if (problem !== undefined) throw new SchemaNameInvalidError(problem);
}
