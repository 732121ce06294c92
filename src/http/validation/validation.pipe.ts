import {
  type ArgumentMetadata,
  BadRequestException,
  type ValidationError,
  ValidationPipe,
} from '@nestjs/common';
import type { FieldProblem } from '../errors/error-body.dto.js';
import { NESTED_TOO_DEEPLY, NOT_AN_OBJECT } from '../errors/error-messages.js';

/** Creates the pipe that validates bodies and queries. It rejects unknown fields, and reports each problem with its field. */
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

/** Names of fields that Nest's pipe drops silently. */
const DROPPED = ['constructor', 'prototype', '__proto__'];

/** Maximum depth of a body, including the body itself. No route needs more. */
const MAX_LEVELS = 10;

/** Rejects bodies that are not objects, and fields that Nest's pipe would drop. Nest's pipe accepts both. */
class ObjectValidationPipe extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body') {
      if (!isPlainObject(value)) throw new BadRequestException(NOT_AN_OBJECT);
      // The conversion to objects is recursive. A query is flat.
      if (isDeeperThan(MAX_LEVELS, value)) throw new BadRequestException(NESTED_TOO_DEEPLY);
    }
    const dropped = DROPPED.filter((field) => isPlainObject(value) && Object.hasOwn(value, field));
    if (dropped.length > 0) throw refusal(dropped.map((field) => unknownField(field)));
    return super.transform(value, metadata);
  }
}

function isPlainObject(value: unknown): value is object {
  return isNesting(value) && !Array.isArray(value);
}

/** Returns whether a value has more levels. It does not recurse, because deep values would overflow the stack. */
function isDeeperThan(levels: number, value: unknown): boolean {
  let level = [value].filter(isNesting);
  for (let depth = 0; depth < levels && level.length > 0; depth++) {
    level = level.flatMap((each) => Object.values(each).filter(isNesting));
  }
  return level.length > 0;
}

function isNesting(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Returns the problems of a validation error and of its nested errors. */
export function fieldProblems(error: ValidationError, parent = ''): FieldProblem[] {
  const field = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) =>
    rule === 'whitelistValidation' ? unknownField(field) : { field, message },
  );
  return [...own, ...(error.children ?? []).flatMap((child) => fieldProblems(child, field))];
}
