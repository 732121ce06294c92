import { TenancyError } from './tenancy.error.js';

/** Reports a schema name that breaks a rule. `rule` is the rule, in words for the user. */
export class SchemaNameInvalidError extends TenancyError {
  readonly code = 'SCHEMA_NAME_INVALID';

  constructor(readonly rule: string) {
    super(`The schema name ${rule}.`);
  }
}
