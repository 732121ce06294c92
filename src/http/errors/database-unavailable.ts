import { isNativeError } from 'node:util/types';

/** Errors of a connection that cannot be made or broke, by Node's code. */
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
 * SQLSTATE classes of a server that cannot serve now: connection exceptions (08), refused logins (28), no
 * such database (3D), insufficient resources (53, as a full disk), operator intervention (57P, as on a shutdown), and a server
 * that only reads, as a standby does (25006).
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const SQLSTATE = /^(?:08...|28...|3D000|25006|53...|57P0[1-5])$/;

/** The server ends the connection with it, whatever its code: as 55000 of a database that takes none. */
const FATAL = 'FATAL';

/** What node-postgres says, without a code, of a connection that ended. */
const LOST =
  /^(?:Connection terminated|timeout expired|timeout exceeded when trying to connect|Client (?:has encountered a connection error|was closed) and is not queryable)/;

/** A statement that took too long: it was ended (query_canceled), or did not get a lock in time. */
const TOO_SLOW: ReadonlySet<string> = new Set(['57014', '55P03']);

/** A transaction that stood in another's way was undone: serialization_failure, deadlock_detected. */
const IN_THE_WAY: ReadonlySet<string> = new Set(['40001', '40P01']);

/** Whether an error means that the database cannot be reached, rather than that a statement is wrong. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const source = sourceOf(error);
  if (!source) return false;
  const { code, severity, message } = source;
  return NETWORK.has(code) || SQLSTATE.test(code) || severity === FATAL || LOST.test(message);
}

/** Whether an error means that the database was too busy for a statement. */
export function isDatabaseTooSlow(error: unknown): boolean {
  return TOO_SLOW.has(sqlStateOf(error));
}

/** Whether an error means that a transaction was undone for another one's sake, and may well be done when it is sent again. */
export function isUndoneForAnother(error: unknown): boolean {
  return IN_THE_WAY.has(sqlStateOf(error));
}

/** The server's code of an error, or an empty text. */
export function sqlStateOf(error: unknown): string {
  return sourceOf(error)?.code ?? '';
}

/** The driver's error, without TypeORM's around it; another error as it is. */
export function driverErrorOf(error: unknown): unknown {
  const { driverError } = Object(error) as { driverError?: unknown };
  return isNativeError(driverError) ? driverError : error;
}

function sourceOf(error: unknown): ErrorSource | undefined {
  const source = driverErrorOf(error);
  // Not `instanceof`: an error of Node's own may be of another realm.
  if (!isNativeError(source)) return undefined;
  const { code, severity, message }: Error & { code?: unknown; severity?: unknown } = source;
  return { code: String(code ?? ''), severity, message };
}

/** What is asked of a driver's error. */
interface ErrorSource {
  readonly code: string;
  readonly severity: unknown;
  readonly message: string;
}
