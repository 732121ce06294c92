import { createHash } from 'node:crypto';

/** PostgreSQL cuts longer identifiers silently (NAMEDATALEN - 1), and cut names may be the same. */
const MAX_ROLE_NAME_BYTES = 63;

/** Hex digits that tell the databases of a cluster apart. */
const DATABASE_HASH_LENGTH = 12;

/** Hex digits in the place of a name's end: enough that nobody finds two names of one hash. */
const SCHEMA_HASH_LENGTH = 24;

/** No schema's name has it, so that what is hashed or of the engine is never taken for one. */
const SEPARATOR = '-';

/**
 * Name of a tenant's role: `<hash of database>_<schema>`. Roles are of the whole cluster, so that the same
 * schema in another database has another role. A schema whose name is too long for that has a hash for its
 * end. Always at most 63 bytes; goes through `quoteIdentifier` into SQL.
 *
 * @param database the database's name, of any characters
 * @param schema a name that has passed `assertSchemaName`
 */
export function tenantRoleName(database: string, schema: string): string {
  const prefix = tenantRolePrefix(database);
  const room = MAX_ROLE_NAME_BYTES - prefix.length;
  if (schema.length <= room) return prefix + schema;
  const kept = schema.slice(0, room - SEPARATOR.length - SCHEMA_HASH_LENGTH);
  return prefix + kept + SEPARATOR + hash(schema, SCHEMA_HASH_LENGTH);
}

/** What the names of all tenants' roles of a database begin with, and those of no other role. */
export function tenantRolePrefix(database: string): string {
  return `${databaseHash(database)}_`;
}

/** Name of the role that owns the schemas of a database and all that is in them. */
export function ownerRoleName(database: string): string {
  return `${databaseHash(database)}${SEPARATOR}owner`;
}

/** Name of the role that every tenant's role of a database is in: it holds what all may do. */
export function everyTenantRoleName(database: string): string {
  return `${databaseHash(database)}${SEPARATOR}tenants`;
}

/** One that was asked for last: a process works in one database, and a name is wanted at every checkout. */
let known = { database: '', hash: '' };

function databaseHash(database: string): string {
  if (known.hash === '' || known.database !== database) {
    known = { database, hash: hash(database, DATABASE_HASH_LENGTH) };
  }
  return known.hash;
}

function hash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
