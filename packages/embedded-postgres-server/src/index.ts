export { acquireEmbeddedPostgres } from './acquire.js';
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from './embedded-postgres.interface.js';

// Errors
export { EmbeddedPostgresError } from './embedded-postgres.error.js';
export type { EmbeddedPostgresErrorCode } from './embedded-postgres.error.js';
