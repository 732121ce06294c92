import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA } from '../../../core/names/schema-placeholder.js';
import { SINGLE_SCHEMA } from '../../../core/single-tenant/rewrite-sql.js';
import type { SchemaObject } from '../schema-objects.js';

/** Names the engine's own table of tenants, its trigger function, and the migration that creates both. */
export const OWN_TENANTS_TABLE = {
  migration: 'CreateTenantsTable1400000000000',
  table: 'tenants',
  function: 'tenants_notify',
} as const;

/**
 * Returns a function that says why an object stays in `public`, or undefined for one that may move.
 *
 * @param shared names that the operator gives
 * @param migrationsTable TypeORM's table
 * @param hasOwnTable whether the engine's own table of tenants exists
 */
export function reasonToShare(
  dataSource: DataSource,
  shared: readonly string[],
  migrationsTable: string,
  hasOwnTable: boolean,
): (object: SchemaObject) => string | undefined {
  const entities = sharedTables(dataSource);
  return ({ name, type, identity }) => {
    if (shared.includes(name)) return 'it is shared';
    if (type === 'table' && name === migrationsTable) {
      return "it is TypeORM's migrations table, whose rows are copied";
    }
    if (entities.has(name)) return "its entity has schema: 'public'";
    const isOwn =
      (type === 'function' && identity === `public.${OWN_TENANTS_TABLE.function}()`) ||
      (type === 'table' && name === OWN_TENANTS_TABLE.table);
    return hasOwnTable && isOwn ? 'the engine owns it' : undefined;
  };
}

/** Returns the tables of entities that name the schema `public` themselves. */
function sharedTables({ entityMetadatas, options }: DataSource): ReadonlySet<string> {
  const isTenants = (options as { schema?: string }).schema === TENANT_SCHEMA;
  return new Set(
    entityMetadatas
      .filter((entity) =>
        isTenants
          ? entity.schema === SINGLE_SCHEMA
          : entity.tableMetadataArgs.schema === SINGLE_SCHEMA,
      )
      .map(({ tableName }) => tableName),
  );
}
