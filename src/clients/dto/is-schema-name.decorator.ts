import { ValidateBy } from 'class-validator';
import { schemaNameProblem } from 'nest-tenant-schemas';

/** Validates a schema name by the rules of the engine. The message names the violated rule. */
export const IsSchemaName = (): PropertyDecorator =>
  ValidateBy({
    name: 'isSchemaName',
    validator: {
      validate: (value: unknown) => schemaNameProblem(value) === undefined,
      defaultMessage: (args) => `${args?.property} ${schemaNameProblem(args?.value)}`,
    },
  });
