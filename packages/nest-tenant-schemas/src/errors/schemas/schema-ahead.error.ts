import { TenancyError } from '../tenancy.error.js';

/** Reports a schema that a newer version of the code has migrated. */
export class SchemaAheadError extends TenancyError {
  readonly code = 'SCHEMA_AHEAD';

  constructor(
    readonly schema: string,
    readonly unknownMigrations: readonly string[],
  ) {
    super(
      `Schema "${schema}" has migrations that this code does not know (${unknownMigrations.join(', ')}). ` +
        'Deploy the version that has them, or revert them with that version first.',
    );
  }
}
