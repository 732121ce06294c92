/**
 * What kept the embedded server from being used:
 *
 * - `UNSUPPORTED_PLATFORM`: no binaries for this operating system and processor are installed, or they do not run here.
 * - `NO_ACCOUNT`: the process is root and no unprivileged account was found to run the server.
 * - `DATA_DIRECTORY`: the data directory cannot be used (permissions, read-only or full disk, secrets lost).
 * - `OTHER_VERSION`: the data directory was made by another major version of PostgreSQL.
 * - `INIT_FAILED`: a new cluster could not be made.
 * - `START_FAILED`: the server did not come up, or does not answer.
 * - `STOP_FAILED`: the server did not stop.
 * - `LOCK_TIMEOUT`: another process has held the data directory's lock for too long.
 */
export type EmbeddedPostgresErrorCode =
  | 'UNSUPPORTED_PLATFORM'
  | 'NO_ACCOUNT'
  | 'DATA_DIRECTORY'
  | 'OTHER_VERSION'
  | 'INIT_FAILED'
  | 'START_FAILED'
  | 'STOP_FAILED'
  | 'LOCK_TIMEOUT';

/** The way out that every failure has. */
export const USE_ANOTHER_SERVER = 'Or set DATABASE_URL to use another PostgreSQL server.';

/**
 * Thrown by everything in this folder. The message is written for the person at the terminal: what happened, where,
 * and what to do; a caller prints it and nothing else. It never holds a password.
 */
export class EmbeddedPostgresError extends Error {
  constructor(
    readonly code: EmbeddedPostgresErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'EmbeddedPostgresError';
  }
}
