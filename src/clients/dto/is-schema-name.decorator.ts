import { ValidateBy } from 'class-validator';
import { schemaNameProblem } from 'nest-tenant-schemas';

/** Validates a schema name by the engine's rules; the message says which one is broken. */
export const IsSchemaName = (): PropertyDecorator =>
  ValidateBy({
    name: 'isSchemaName',
    validator: {
      validate: (value: unknown) => schemaNameProblem(value) === undefined,
      defaultMessage: (args) => `${args?.property} ${schemaNameProblem(args?.value)}`,
    },
  });
