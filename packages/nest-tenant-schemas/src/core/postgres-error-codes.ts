/**
 * SQLSTATEs that the engine tells apart, by meaning.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export const POSTGRES_ERROR = {
  /** The login may not do this. */
  insufficientPrivilege: '42501',
  /** A setting cannot have this value: of `role`, that it does not exist. */
  invalidParameterValue: '22023',
  /** A row breaks a unique constraint. */
  uniqueViolation: '23505',
  /** A row breaks a CHECK, of its table or of a domain. */
  checkViolation: '23514',
  /** The server cannot parse the text. */
  syntaxError: '42601',
  /** The statement names a table or view that is not there. */
  undefinedTable: '42P01',
  /** The statement names a column that is not there. */
  undefinedColumn: '42703',
  /** CREATE SCHEMA of a name that exists. */
  duplicateSchema: '42P06',
  /** The statement names a schema that is not there. */
  undefinedSchema: '3F000',
  /** The server cannot do this, or not this way. */
  featureNotSupported: '0A000',
  /** No prepared statement has the name. */
  invalidStatementName: '26000',
  /** A lock was not to be had within `lock_timeout`. */
  lockNotAvailable: '55P03',
  /** Two waited for each other, and this one was ended. */
  deadlockDetected: '40P01',
} as const;
