import { ValidateBy, type ValidationOptions } from 'class-validator';

/** Matches control characters except tab and line breaks. PostgreSQL cannot store NUL, and the others are invisible. */
// oxlint-disable-next-line no-control-regex -- it matches these characters
const CONTROL_CHARACTERS = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/;

/** Validates text that can be stored and shown: no control characters, and no lone surrogates. */
export const IsPlainText = (options?: ValidationOptions): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isPlainText',
      validator: {
        validate: (value: unknown) =>
          typeof value === 'string' && !CONTROL_CHARACTERS.test(value) && value.isWellFormed(),
        defaultMessage: (args) => `${args?.property} must not contain control characters`,
      },
    },
    options,
  );
