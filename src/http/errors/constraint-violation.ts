import { QueryFailedError } from 'typeorm';

/**
 * SQLSTATEs of constraints that a row breaks. Not told by the constraint's name, which Citus leaves out.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const SQLSTATE = {
  /** The row that a foreign key points at is not there, or was deleted meanwhile. */
  foreignKey: '23503',
  /** There is such a row already. */
  unique: '23505',
} as const;

/** Whether an error of the database says that a row broke a constraint of that kind. */
export function isViolation(error: unknown, kind: keyof typeof SQLSTATE): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  return (error.driverError as { code?: unknown }).code === SQLSTATE[kind];
}
