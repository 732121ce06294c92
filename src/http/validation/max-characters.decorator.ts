import { ValidateBy, type ValidationOptions } from 'class-validator';

/**
 * Validates the maximum number of characters of a text. It counts code points, as PostgreSQL's `varchar(n)` does.
 * class-validator's `@MaxLength()` does not count variation selectors, so it would accept texts that the column rejects.
 */
export const MaxCharacters = (most: number, options?: ValidationOptions): PropertyDecorator =>
  ValidateBy(
    {
      name: 'maxCharacters',
      constraints: [most],
      validator: {
        validate: (value: unknown) => typeof value === 'string' && Array.from(value).length <= most,
        defaultMessage: (args) => `${args?.property} must be at most ${most} characters long`,
      },
    },
    options,
  );
