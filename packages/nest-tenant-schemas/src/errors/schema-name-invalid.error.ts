import { TenancyError } from './tenancy.error.js';

/** Thrown when a schema name breaks a rule; `rule` says which, in words for the user. */
export class SchemaNameInvalidError extends TenancyError {
  readonly code = 'SCHEMA_NAME_INVALID';

  constructor(readonly rule: string) {
    super(`The schema name ${rule}.`);
  }
}
