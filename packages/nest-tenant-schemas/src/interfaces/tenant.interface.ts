/**
 * What the engine needs to know of a tenant. Applications extend it with their own columns;
 * whatever their registry returns is what `@CurrentTenant()` gives.
 */
export interface Tenant {
  /** The tenant's public identity, a UUID: what clients send in the tenant header. */
  readonly id: string;
  /** PostgreSQL schema that holds the tenant's data. Must satisfy {@link assertSchemaName}. */
  readonly schema: string;
}
