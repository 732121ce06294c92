import {
  type ArgumentMetadata,
  BadRequestException,
  type ValidationError,
  ValidationPipe,
} from '@nestjs/common';
import type { FieldProblem } from '../errors/error-body.dto.js';
import { NESTED_TOO_DEEPLY, NOT_AN_OBJECT } from '../errors/error-messages.js';

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

/** Levels of lists and objects that a body may have, itself included: more than any route asks for. */
const MAX_LEVELS = 10;

/** Nest's pipe takes a list for many objects, text, a number or nothing for none, and drops some fields. */
class ObjectValidationPipe extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body') {
      if (!isPlainObject(value)) throw new BadRequestException(NOT_AN_OBJECT);
      // What makes objects of it calls itself for each level. A query is flat.
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

/** Level by level, not by recursion: there may be more levels than the stack has room for. */
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

/** The problems of a validation error and of what is nested in it. */
export function fieldProblems(error: ValidationError, parent = ''): FieldProblem[] {
  const field = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) =>
    rule === 'whitelistValidation' ? unknownField(field) : { field, message },
  );
  return [...own, ...(error.children ?? []).flatMap((child) => fieldProblems(child, field))];
}
