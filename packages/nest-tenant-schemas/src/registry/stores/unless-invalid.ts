import { QueryFailedError } from 'typeorm';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';

const INVALID: ReadonlySet<unknown> = new Set([
  POSTGRES_ERROR.invalidTextRepresentation,
  POSTGRES_ERROR.numericValueOutOfRange,
]);

/** Returns the row of a look-up. Returns undefined for a value that the column cannot hold, such as an id that is not a UUID. */
export async function unlessInvalid<R>(
  lookUp: () => Promise<R | null | undefined>,
): Promise<R | undefined> {
  try {
    return (await lookUp()) ?? undefined;
  } catch (error) {
    const { code } =
      error instanceof QueryFailedError ? (error.driverError as { code?: unknown }) : {};
    if (INVALID.has(code)) return undefined;
    throw error;
  }
}
