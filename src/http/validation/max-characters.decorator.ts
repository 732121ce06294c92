import { ValidateBy, type ValidationOptions } from 'class-validator';

/**
 * Validates a text of at most that many characters, counted as PostgreSQL's `varchar(n)` does, by code
 * points. class-validator's `@MaxLength()` leaves variation selectors out, and would let through what the
 * column then refuses.
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
