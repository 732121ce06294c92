/** Why the engine refused. The application maps codes to HTTP statuses and exit codes. */
export type TenancyErrorCode =
  /** A statement names the tenant's schema, and no tenant is current. */
  | 'TENANT_CONTEXT_MISSING'
  /** Something of one tenant was used while another one is current. */
  | 'TENANT_MISMATCH'
  /** A connection was released with work of its tenant still on it. */
  | 'CLIENT_DIRTY'
  /** A statement came after the release of its connection. */
  | 'CONNECTION_RELEASED'
  /** The server refused the role or the search path of a statement. */
  | 'TENANT_PIN_FAILED'
  /** A prepared statement no longer fits its tables, and its transaction failed with it. */
  | 'STATEMENT_OUTDATED'
  /** No connection was to be had in time. */
  | 'POOL_EXHAUSTED'
  /** A schema name breaks a rule. */
  | 'SCHEMA_NAME_INVALID'
  /** The request does not say which tenant it is for. */
  | 'TENANT_HEADER_MISSING'
  /** What the request says is no tenant identity. */
  | 'TENANT_HEADER_INVALID'
  /** The registry has no such tenant. */
  | 'TENANT_NOT_FOUND'
  /** A tenant, or a schema, of that name exists already. */
  | 'TENANT_CONFLICT'
  /** A whole-DataSource operation, which would reach beyond the current tenant. */
  | 'OPERATION_REFUSED'
  /** Options contradict the engine's rules. */
  | 'OPTIONS_INVALID'
  /** A migration failed; the schema is as it was before it. */
  | 'MIGRATION_FAILED'
  /** A migration cannot be generated before something else is done. */
  | 'MIGRATION_NOT_GENERATED'
  /** A schema carries a migration that this code does not know. */
  | 'SCHEMA_AHEAD'
  /** A schema's structure is not what its migrations give, so that it cannot be cloned. */
  | 'CLONE_REFUSED'
  /** Something names the schema in a way that cannot be renamed with it. */
  | 'RENAME_REFUSED'
  /** A schema is in use for longer than its drop may wait. */
  | 'DROP_BLOCKED';

/** Base of everything the engine throws on purpose. Never an HTTP exception; `code` is stable. */
export abstract class TenancyError extends Error {
  abstract readonly code: TenancyErrorCode;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
