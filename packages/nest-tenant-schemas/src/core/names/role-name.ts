import { createHash } from 'node:crypto';

/**
 * Limits role names. PostgreSQL silently truncates longer names (NAMEDATALEN - 1), so two of them could
 * collide.
 */
const MAX_ROLE_NAME_BYTES = 63;

/** Counts the hex digits that distinguish the databases of a cluster. */
const DATABASE_HASH_LENGTH = 12;

/** Counts the hex digits that replace the end of a long name. They make collisions infeasible to find. */
const SCHEMA_HASH_LENGTH = 24;

/** Separates parts of a role name. Schema names cannot contain it, so no schema name equals a generated part. */
const SEPARATOR = '-';

/**
 * Returns the name of a tenant's role: `<hash of database>_<schema>`. Roles belong to the whole cluster, so
 * the hash separates equal schema names of different databases. If the name would be too long, a hash
 * replaces its end. The result has at most 63 bytes. SQL must quote it with `quoteIdentifier`.
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

/** Returns the prefix that the tenants' roles of a database have, and no other role. */
export function tenantRolePrefix(database: string): string {
  return `${databaseHash(database)}_`;
}

/** Returns the name of the role that owns all tenants' schemas of a database. */
export function ownerRoleName(database: string): string {
  return `${databaseHash(database)}${SEPARATOR}owner`;
}

/**
 * Returns the name of the role that all tenants' roles of a database are members of. It holds the shared
 * grants.
 */
export function everyTenantRoleName(database: string): string {
  return `${databaseHash(database)}${SEPARATOR}tenants`;
}

/** Caches the last hash, because each checkout needs it and a process usually works in one database. */
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
