import {
  type ArgumentMetadata,
  BadRequestException,
  type ValidationError,
  ValidationPipe,
} from '@nestjs/common';
import type { FieldProblem } from './error-body.dto.js';
import { NOT_AN_OBJECT } from './error-messages.js';

/** The application's pipe: typed bodies and queries, unknown fields refused, each problem by its field. */
export function createValidationPipe(): ValidationPipe {
  return new ObjectValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    exceptionFactory: (errors) => {
      return refusal(errors.flatMap((error) => fieldProblems(error)));
    },
  });
}

function refusal(details: readonly FieldProblem[]): BadRequestException {
  const message = details.map((problem) => problem.message).join('; ');
  return new BadRequestException({ message, details });
}

const unknownField = (field: string): FieldProblem => ({
  field,
  message: `${field} is not a known field`,
});

/** What Nest's pipe drops without a word, wherever it stands. */
const DROPPED = ['constructor', 'prototype', '__proto__'];

/** Nest's pipe takes a list for many objects, text or a number for none, and drops some fields. */
class ObjectValidationPipe extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body' && value !== undefined && !isPlainObject(value)) {
      throw new BadRequestException(NOT_AN_OBJECT);
    }
    const dropped = DROPPED.filter((field) => isPlainObject(value) && Object.hasOwn(value, field));
    if (dropped.length > 0) throw refusal(dropped.map((field) => unknownField(field)));
    return super.transform(value, metadata);
  }
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The problems of a validation error and of what is nested in it. */
export function fieldProblems(error: ValidationError, parent = ''): FieldProblem[] {
  const field = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) =>
    rule === 'whitelistValidation' ? unknownField(field) : { field, message },
  );
  return [...own, ...(error.children ?? []).flatMap((child) => fieldProblems(child, field))];
}
