/**
 * Names the SQLSTATEs that the engine distinguishes.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export const POSTGRES_ERROR = {
  /** The login lacks a privilege. */
  insufficientPrivilege: '42501',
  /** A setting rejects a value. For `role`: the role does not exist. */
  invalidParameterValue: '22023',
  /** A row breaks a unique constraint. */
  uniqueViolation: '23505',
  /** A row breaks a CHECK of its table or of a domain. */
  checkViolation: '23514',
  /** A text is not a value of its type, for example not a UUID. */
  invalidTextRepresentation: '22P02',
  /** A number does not fit its type. */
  numericValueOutOfRange: '22003',
  /** The server cannot parse the text. */
  syntaxError: '42601',
  /** The table or view does not exist. */
  undefinedTable: '42P01',
  /** The column does not exist. */
  undefinedColumn: '42703',
  /** The function does not exist, or not for these types. */
  undefinedFunction: '42883',
  /** The type, the operator class or another object does not exist. */
  undefinedObject: '42704',
  /** CREATE SCHEMA: the schema exists already. */
  duplicateSchema: '42P06',
  /** The schema does not exist. */
  undefinedSchema: '3F000',
  /** The server does not support the operation, or not in this form. */
  featureNotSupported: '0A000',
  /** The prepared statement does not exist. */
  invalidStatementName: '26000',
  /** A statement did not get a lock within `lock_timeout`. */
  lockNotAvailable: '55P03',
  /** A statement writes, and the server or the transaction only reads. */
  readOnlyTransaction: '25006',
  /** A statement was canceled, for example by `statement_timeout`. */
  queryCanceled: '57014',
  /** Two transactions waited for each other, and the server ended this one. */
  deadlockDetected: '40P01',
} as const;
