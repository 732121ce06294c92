import { isNativeError } from 'node:util/types';

/** Node's codes of failed and lost connections. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
]);

/**
 * SQLSTATEs of a server that cannot serve at the moment:
 *
 * - 08: connection exceptions
 * - 28: rejected logins
 * - 3D000: no such database
 * - 25006: a read-only server, such as a standby
 * - 53: insufficient resources, such as a full disk
 * - 57P: operator intervention, such as a shutdown
 *
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const SQLSTATE = /^(?:08...|28...|3D000|25006|53...|57P0[1-5])$/;

/** Severity of errors that end the connection. The code may be any, such as 55000 of a database that accepts no connections. */
const FATAL = 'FATAL';

/** Messages of node-postgres for connections that ended. These errors have no code. */
const LOST =
  /^(?:Connection terminated|timeout expired|timeout exceeded when trying to connect|Client (?:has encountered a connection error|was closed) and is not queryable)/;

/** SQLSTATEs of statements that took too long: query_canceled, and lock_not_available. */
const TOO_SLOW: ReadonlySet<string> = new Set(['57014', '55P03']);

/** SQLSTATEs of transactions that PostgreSQL rolled back: serialization_failure, deadlock_detected. */
const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01']);

/** Returns whether an error means that the database is unavailable. Errors of wrong statements are not. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const source = sourceOf(error);
  if (!source) return false;
  const { code, severity, message } = source;
  return NETWORK.has(code) || SQLSTATE.test(code) || severity === FATAL || LOST.test(message);
}

/** Returns whether an error means that a statement took too long. */
export function isDatabaseTooSlow(error: unknown): boolean {
  return TOO_SLOW.has(sqlStateOf(error));
}

/** Returns whether an error means that a transaction conflicted with another one. A retry may succeed. */
export function isTransactionConflict(error: unknown): boolean {
  return CONFLICTS.has(sqlStateOf(error));
}

/** Returns the SQLSTATE of an error, or an empty text. */
export function sqlStateOf(error: unknown): string {
  return sourceOf(error)?.code ?? '';
}

/** Returns the driver's error inside an error of TypeORM. It returns any other error unchanged. */
export function driverErrorOf(error: unknown): unknown {
  const { driverError } = Object(error) as { driverError?: unknown };
  return isNativeError(driverError) ? driverError : error;
}

function sourceOf(error: unknown): ErrorSource | undefined {
  const source = driverErrorOf(error);
  // Not `instanceof`: Node's own errors may come from another realm.
  if (!isNativeError(source)) return undefined;
  const { code, severity, message }: Error & { code?: unknown; severity?: unknown } = source;
  return { code: String(code ?? ''), severity, message };
}

/** The relevant properties of an error of the driver. */
interface ErrorSource {
  readonly code: string;
  readonly severity: unknown;
  readonly message: string;
}
