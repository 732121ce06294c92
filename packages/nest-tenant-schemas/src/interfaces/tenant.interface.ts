/**
 * Describes the part of a tenant that the engine needs. Applications add their own columns.
 * `@CurrentTenant()` returns the object of the application's registry.
 */
export interface Tenant {
  /** Identifies the tenant publicly. A UUID, which clients send in the tenant header. */
  readonly id: string;
  /** Names the PostgreSQL schema of the tenant's data. It must satisfy {@link assertSchemaName}. */
  readonly schema: string;
}
