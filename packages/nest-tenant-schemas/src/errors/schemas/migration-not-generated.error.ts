import { TenancyError } from '../tenancy.error.js';

/** Thrown when a migration cannot be generated as asked; the message says what to do first. */
export class MigrationNotGeneratedError extends TenancyError {
  readonly code = 'MIGRATION_NOT_GENERATED';

  /** @param reason what is in the way and how to get past it, in whole sentences */
  constructor(
    readonly history: 'shared' | 'tenant',
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`No ${history} migration was generated. ${reason}`, options);
  }
}
