import type pg from 'pg';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { ownerRoleName, tenantRoleName } from '../../core/names/role-name.js';
import type { Checkout } from '../pool/checkout.interface.js';
import type { IsolationOptions } from './isolation-options.js';

/** A statement that goes ahead of another one, in the same message or the same implicit transaction. */
export interface PreambleStatement {
  readonly text: string;
  readonly values: readonly string[];
}

/** The statements that set role and search path, in forms with the same effect. */
export interface IsolationSettings {
  /**
   * For a transaction block. They take no snapshot, so that SET TRANSACTION may follow. Outside a block the server would warn.
   * https://www.postgresql.org/docs/current/sql-set-transaction.html
   */
  readonly inBlock: readonly PreambleStatement[];
  /** For a text outside a block by the simple protocol, which runs a message as a block. */
  readonly inText: readonly PreambleStatement[];
  /** For a statement outside a block by the extended protocol. */
  readonly outsideBlock: readonly PreambleStatement[];
}

export const NO_SETTINGS: IsolationSettings = { inBlock: [], inText: [], outsideBlock: [] };

/** PostgreSQL's name for no role but the login's. */
const NO_ROLE = 'none';

/**
 * Removes a role that a caller's whole statement left in the session (`SET ROLE`). That role may lack the right to
 * `set_config`, and it would be in force again behind the end of the transaction.
 */
const RESET_ROLE = withoutValues('RESET ROLE');

const SET_PATH = `pg_catalog.set_config('search_path', $1, true)`;
const SET_ROLE = `pg_catalog.set_config('role', $2, true)`;

/**
 * What the server is told ahead of a statement outside a transaction, and of the first one inside: as whom it
 * acts, and where names without a schema are looked for: in the tenant's schema or, where raw SQL names it, in
 * none but those of extensions. Both are local to the transaction, so that nothing of them is left on the
 * connection, and what an earlier statement left there counts for nothing.
 * https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-SET
 *
 * @param database the name of the connection's database, which is part of its roles' names
 * @returns no statements with the default options, which rest on the placeholder alone
 */
export function isolationStatements(
  { isolation, rawSql, extensionSchemas }: IsolationOptions,
  database: string,
  { tenant, actsAsOwner }: Checkout,
): IsolationSettings {
  if (isolation === 'names' && rawSql === 'qualified') return NO_SETTINGS;
  const own = tenant && rawSql === 'search_path' ? [tenant.schema] : [];
  // Named nowhere, pg_temp would come first: a temporary table would hide the tenant's.
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

function withoutValues(text: string): PreambleStatement {
  return { text, values: [] };
}

const REFUSALS: ReadonlySet<string | undefined> = new Set([
  POSTGRES_ERROR.invalidParameterValue,
  POSTGRES_ERROR.insufficientPrivilege,
]);

/** Whether the server refuses the role, rather than answer nothing any more (57P01, when it is stopped). */
export function isRoleRefusal(error: Error & { readonly code?: string }): boolean {
  return REFUSALS.has(error.code);
}

function roleOf(database: string, schema: string | undefined, actsAsOwner = false): string {
  if (actsAsOwner) return ownerRoleName(database);
  return schema === undefined ? NO_ROLE : tenantRoleName(database, schema);
}

/** What TypeORM sends to begin a transaction, and what is set in it before its first statement. */
const START = 'START TRANSACTION';
const SETTING =
  /^SET (?:TRANSACTION ISOLATION LEVEL [A-Z ]+|LOCAL (?:(?:statement|idle_in_transaction_session|transaction|lock)_timeout TO \d+|jit TO off))$/;

/**
 * The beginning of a transaction that has not been sent yet: it goes ahead of the transaction's first statement,
 * which saves its round trip. Until then nothing has happened on the server, and nothing is left on the
 * connection if nothing follows.
 * Decision: docs/decisions/0007-statement-preamble.md.
 */
export class DeferredBegin {
  private held: readonly PreambleStatement[] = [];
  private taken: readonly PreambleStatement[] = [];
  /** Whether a statement that is to take it is on its way to the wire. */
  private isFollowed = false;

  get isEmpty(): boolean {
    return this.held.length === 0;
  }

  /**
   * The answer to a statement that need not be sent now: one that can wait for the next one, and the end of a
   * transaction without work. Undefined for any other.
   */
  answer(text: string): Partial<pg.QueryResult> | undefined {
    // What is on its way may fail, on a connection that is gone: whether its transaction ends well is not known here.
    if (this.isFollowed) return undefined;
    if (!this.isEmpty && endsTransaction(text)) this.take();
    else if (!this.hold(text)) return undefined;
    return { command: text.split(' ', 1)[0], rowCount: null, rows: [], fields: [] };
  }

  /** Takes a statement that can wait for the next one. @returns whether it did */
  hold(text: string): boolean {
    const canWait = this.isEmpty ? text === START : SETTING.test(text);
    if (!canWait) return false;
    this.held = [...this.held, withoutValues(text)];
    return true;
  }

  /** A statement of the transaction comes, which takes its beginning along on the wire. */
  follow(): void {
    this.isFollowed = !this.isEmpty;
  }

  /** Whether the beginning waits for no statement yet. */
  get isAlone(): boolean {
    return !this.isEmpty && !this.isFollowed;
  }

  /** What is sent now, and held no more. */
  take(): readonly PreambleStatement[] {
    this.taken = this.held;
    this.held = [];
    this.isFollowed = false;
    return this.taken;
  }

  /** Holds again what was taken when the server refused to begin: what follows must not be run without it. */
  restore(refused: PreambleStatement): void {
    if (refused === this.taken[0]) this.again();
  }

  /** Holds again what was taken last. */
  again(): void {
    this.held = this.taken;
  }
}

/** Whatever was done in it. */
function endsTransaction(text: string): boolean {
  return text === 'COMMIT' || text === 'ROLLBACK';
}
