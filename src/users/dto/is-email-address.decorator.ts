import { isEmail, ValidateBy } from 'class-validator';

/** Validates an email address. Half a character, of which class-validator's own `IsEmail` throws a URIError, is in none. */
export const IsEmailAddress = (): PropertyDecorator =>
  ValidateBy({
    name: 'isEmailAddress',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && value.isWellFormed() && isEmail(value),
      defaultMessage: (args) => `${args?.property} must be an email`,
    },
  });
