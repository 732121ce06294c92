import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { ownerRoleName, tenantRoleName } from '../../core/names/role-name.js';
import type { Checkout } from '../pool/checkout.interface.js';
import type { IsolationOptions } from './isolation-options.js';

/** Describes a statement that goes ahead of another one, in the same message or the same implicit transaction. */
export interface PreambleStatement {
  readonly text: string;
  readonly values: readonly string[];
}

/** Holds the statements that set role and search path, in forms with the same effect. */
export interface IsolationSettings {
  /**
   * For a transaction block. These statements take no snapshot, so SET TRANSACTION may follow. Outside a
   * block the server would warn.
   * https://www.postgresql.org/docs/current/sql-set-transaction.html
   */
  readonly inBlock: readonly PreambleStatement[];
  /** For a text outside a block, in the simple protocol. The server runs such a message as a block. */
  readonly inText: readonly PreambleStatement[];
  /** For a statement outside a block, in the extended protocol. */
  readonly outsideBlock: readonly PreambleStatement[];
}

export const NO_SETTINGS: IsolationSettings = { inBlock: [], inText: [], outsideBlock: [] };

/** Selects the role of the login, in PostgreSQL's terms. */
const NO_ROLE = 'none';

/**
 * Removes a role that a caller's SQL set for the session (`SET ROLE`). That role may lack the privilege for
 * `set_config`, and it would apply again after the transaction.
 */
const RESET_ROLE = withoutValues('RESET ROLE');

const SET_PATH = `pg_catalog.set_config('search_path', $1, true)`;
const SET_ROLE = `pg_catalog.set_config('role', $2, true)`;

/**
 * Returns the statements that set the role and the search path. They go ahead of each statement outside a
 * transaction, and of the first one inside.
 *
 * The search path has the tenant's schema only with `rawSql: 'search_path'`, and the schemas of extensions.
 * Role and path are local to the transaction, so the connection keeps neither. Settings that earlier
 * statements left have no effect.
 * https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-SET
 *
 * @param database the name of the connection's database, which is part of the role names
 * @returns an empty list with the default options, which need only the placeholder
 */
export function isolationStatements(
  { isolation, rawSql, extensionSchemas }: IsolationOptions,
  database: string,
  { tenant, actsAsOwner }: Checkout,
): IsolationSettings {
  if (isolation === 'names' && rawSql === 'qualified') return NO_SETTINGS;
  const own = tenant && rawSql === 'search_path' ? [tenant.schema] : [];
  // The server searches pg_temp first unless the path names it. A temporary table would then hide the
  // tenant's table.
  const path = [...own, ...extensionSchemas, 'pg_temp'].map(quoteIdentifier).join(', ');
  const setPath = withoutValues(`SET LOCAL search_path TO ${path}`);
  if (isolation === 'names') {
    const inBlock = [setPath];
    return {
      inBlock,
      inText: inBlock,
      outsideBlock: [{ text: `SELECT ${SET_PATH}`, values: [path] }],
    };
  }
  const role = roleOf(database, tenant?.schema, actsAsOwner);
  const setRole = `SET LOCAL ROLE ${role === NO_ROLE ? 'NONE' : quoteIdentifier(role)}`;
  const inBlock = [setPath, withoutValues(setRole)];
  return {
    inBlock,
    inText: [RESET_ROLE, ...inBlock],
    outsideBlock: [RESET_ROLE, { text: `SELECT ${SET_PATH}, ${SET_ROLE}`, values: [path, role] }],
  };
}

/** Returns a statement without parameters. */
export function withoutValues(text: string): PreambleStatement {
  return { text, values: [] };
}

const REFUSALS: ReadonlySet<string | undefined> = new Set([
  POSTGRES_ERROR.invalidParameterValue,
  POSTGRES_ERROR.insufficientPrivilege,
]);

/** Returns whether the server refused the role. False for other failures, such as a shutdown (57P01). */
export function isRoleRefusal(error: Error & { readonly code?: string }): boolean {
  return REFUSALS.has(error.code);
}

function roleOf(database: string, schema: string | undefined, actsAsOwner = false): string {
  if (actsAsOwner) return ownerRoleName(database);
  return schema === undefined ? NO_ROLE : tenantRoleName(database, schema);
}
