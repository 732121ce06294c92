import type { OptionMetadata } from 'nest-commander';

/** `--schema`, of the commands about many schemas. */
export const SCHEMA_OPTION: OptionMetadata = {
  flags: '--schema <schema...>',
  description: 'select tenants by their schemas; repeatable',
};

/** Collects what {@link SCHEMA_OPTION} gives. */
export function parseSchemas(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
