/** Names a privilege that tenants' roles can have on a table of the shared schema. */
export type SharedPrivilege = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

/** Configures the roles of tenants. Has no effect unless `isolation` is 'role'. */
export interface TenantRolesOptions {
  /**
   * Grants privileges on shared tables to all tenants, by table: `{ countries: ['SELECT'] }`. Default: none.
   * Foreign keys to shared tables need no grant. The next `migrate-schemas` applies a change for all tenants
   * at once.
   */
  readonly sharedGrants?: Readonly<Record<string, readonly SharedPrivilege[]>>;
  /**
   * Whether roles have LOGIN. Citus needs it, because it connects to its workers as the current role. The
   * roles have no password. Default false.
   */
  readonly canLogin?: boolean;
}
