import type { CommandMetadata } from 'nest-commander';

/** `<schema>`, of the commands about one tenant. */
export const SCHEMA_ARGUMENT = {
  arguments: '<schema>',
  argsDescription: { schema: "the tenant's schema" },
} satisfies Partial<CommandMetadata>;
