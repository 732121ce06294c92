/** What a tenant's role can be allowed on a table of the shared schema. */
export type SharedPrivilege = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

/** Options of the roles of tenants, where `isolation` is 'role'; without it they count for nothing. */
export interface TenantRolesOptions {
  /**
   * What every tenant may do with tables of the shared schema from inside its context, by table:
   * `{ countries: ['SELECT'] }`. Default nothing. Foreign keys to shared tables need no grant. Changed by the
   * next `migrate-schemas`, for all tenants at once.
   */
  readonly sharedGrants?: Readonly<Record<string, readonly SharedPrivilege[]>>;
  /**
   * Whether roles get LOGIN, which Citus asks for: it connects its workers by the role in use. They have no
   * password. Default false.
   */
  readonly canLogin?: boolean;
}
