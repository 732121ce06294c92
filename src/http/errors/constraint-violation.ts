import { QueryFailedError } from 'typeorm';

/**
 * SQLSTATEs of violated constraints. The name of the constraint is not usable because Citus leaves it out.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const SQLSTATE = {
  /** The row that a foreign key references does not exist, or was deleted meanwhile. */
  foreignKey: '23503',
  /** A row with the same key already exists. */
  unique: '23505',
} as const;

/** Returns whether an error reports that a row violates a constraint of that kind. */
export function isViolation(error: unknown, kind: keyof typeof SQLSTATE): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  return (error.driverError as { code?: unknown }).code === SQLSTATE[kind];
}
