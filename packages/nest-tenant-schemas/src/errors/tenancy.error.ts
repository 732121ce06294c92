import { HTTP_STATUS_OF_TENANCY_ERROR } from './http-status.js';

/** Names the reason why the engine rejected work. The application maps codes to HTTP statuses and exit codes. */
export type TenancyErrorCode =
  /** A statement names the tenant's schema, and no tenant is current. */
  | 'TENANT_CONTEXT_MISSING'
  /** A connection, an entity or a handle of one tenant was used in another tenant. */
  | 'TENANT_MISMATCH'
  /** A connection was released before the work of its tenant was done. */
  | 'CLIENT_DIRTY'
  /** A statement was sent after its connection was released. */
  | 'CONNECTION_RELEASED'
  /** The server refused the role or the search path of a statement. */
  | 'TENANT_ROLE_UNAVAILABLE'
  /** A prepared statement no longer fits its tables, and its transaction failed with it. */
  | 'STATEMENT_OUTDATED'
  /** A statement that writes was sent to a read replica. */
  | 'REPLICA_READ_ONLY'
  /** No connection became free in time. */
  | 'POOL_EXHAUSTED'
  /** A schema name breaks a rule. */
  | 'SCHEMA_NAME_INVALID'
  /** The request has no tenant header. */
  | 'TENANT_HEADER_MISSING'
  /** The tenant header of the request does not hold one tenant id. */
  | 'TENANT_HEADER_INVALID'
  /** The registry has no such tenant. */
  | 'TENANT_NOT_FOUND'
  /** The tenant is suspended. */
  | 'TENANT_SUSPENDED'
  /** A tenant or a schema with that name exists already. */
  | 'TENANT_CONFLICT'
  /** The table of tenants does not take the columns of a tenant's row. */
  | 'TENANT_ROW_REJECTED'
  /** Work over tenants failed in some of them. */
  | 'TENANT_WORK_FAILED'
  /** An operation on the whole DataSource would reach other tenants. */
  | 'OPERATION_REFUSED'
  /** Options contradict the engine's rules. */
  | 'OPTIONS_INVALID'
  /** A migration failed; the schema is as it was before it. */
  | 'MIGRATION_FAILED'
  /** A migration cannot be generated until the reason in the message is resolved. */
  | 'MIGRATION_NOT_GENERATED'
  /** A migration cannot be reverted, because the schema has later ones. */
  | 'REVERT_BLOCKED'
  /** A schema carries a migration that this code does not know. */
  | 'SCHEMA_AHEAD'
  /** A schema cannot be cloned, for example because it differs from its migrations. */
  | 'CLONE_REFUSED'
  /** An object names the schema in a form that a rename cannot change. */
  | 'RENAME_REFUSED'
  /** The objects of `public` cannot become those of a tenant, or not return to `public`. */
  | 'ADOPTION_REFUSED'
  /** A schema was in use for longer than its drop waits. */
  | 'DROP_BLOCKED';

/** Base class of the errors that the engine throws. `code` is stable. It is not an HTTP exception. */
export abstract class TenancyError extends Error {
  abstract readonly code: TenancyErrorCode;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }

  /** Gives GraphQL servers the code of an error that a request can cause. They send it as `extensions.code`. */
  get extensions(): { readonly code: TenancyErrorCode } | undefined {
    const { code } = this;
    return HTTP_STATUS_OF_TENANCY_ERROR[code] === undefined ? undefined : { code };
  }
}
