import { ValidateBy, type ValidationOptions } from 'class-validator';

/** Control characters but tab and line breaks: PostgreSQL stores no NUL, and the others hide in output. */
// oxlint-disable-next-line no-control-regex -- they are what it looks for
const CONTROL_CHARACTERS = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/;

/** Validates text that can be stored and shown: no NUL or other control characters, no half characters. */
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
