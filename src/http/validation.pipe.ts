import { BadRequestException, type ValidationError, ValidationPipe } from '@nestjs/common';

/** A field that broke a rule, as answers list it. */
export interface FieldProblem {
  /** Path of the field, e.g. `choices` or `choices.0.choice_text`. */
  readonly field: string;
  readonly message: string;
}

/** The application's pipe: typed bodies and queries, unknown fields refused, each problem by its field. */
export function createValidationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    exceptionFactory: (errors) => {
      const details = errors.flatMap((error) => fieldProblems(error));
      return new BadRequestException({
        message: details.map(({ message }) => message).join('; '),
        details,
      });
    },
  });
}

/** The problems of a validation error and of what is nested in it. */
export function fieldProblems(error: ValidationError, parent = ''): FieldProblem[] {
  const field = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    field,
    message: rule === 'whitelistValidation' ? `${field} is not a known field` : message,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldProblems(child, field))];
}
