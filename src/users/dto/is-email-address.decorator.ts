import { isEmail, ValidateBy } from 'class-validator';

/** Validates an email address. It rejects lone surrogates, for which class-validator's `IsEmail` throws a URIError. */
export const IsEmailAddress = (): PropertyDecorator =>
  ValidateBy({
    name: 'isEmailAddress',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && value.isWellFormed() && isEmail(value),
      defaultMessage: (args) => `${args?.property} must be an email`,
    },
  });
