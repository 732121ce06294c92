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
 * such database (3D), insufficient resources (53), operator intervention (57P, as on a shutdown).
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const SQLSTATE = /^(?:08...|28...|3D000|53...|57P0[1-5])$/;

/** The server ends the connection with it, whatever its code: as 55000 of a database that takes none. */
const FATAL = 'FATAL';

/** What node-postgres says, without a code, of a connection that ended. */
const LOST = /^(?:Connection terminated|timeout exceeded when trying to connect)/;

/** Whether an error means that the database cannot be reached, rather than that a statement is wrong. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { driverError } = error as { driverError?: unknown };
  const source = (driverError instanceof Error ? driverError : error) as Error & {
    code?: unknown;
    severity?: unknown;
  };
  const code = String(source.code ?? '');
  return (
    NETWORK.has(code) ||
    SQLSTATE.test(code) ||
    source.severity === FATAL ||
    LOST.test(source.message)
  );
}
