import { TenancyError } from '../tenancy.error.js';

/** Reports a migration that cannot be generated. The message says what to do first. */
export class MigrationNotGeneratedError extends TenancyError {
  readonly code = 'MIGRATION_NOT_GENERATED';

  /** @param reason the obstacle and the next action, in whole sentences */
  constructor(
    readonly history: 'shared' | 'tenant',
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`No ${history} migration was generated. ${reason}`, options);
  }
}
