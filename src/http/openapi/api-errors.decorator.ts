import { applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { ErrorCode } from '../errors/error-codes.js';

/** Prefix of the marks that `completeDocument` turns into answers. One for each code, so that they add up. */
export const ERROR_MARK = 'x-error-';

/** Codes, each with the message that the route gives. */
export type ErrorMessages = Partial<Record<ErrorCode, string>>;

/**
 * Documents the errors of a route, or of all routes of a controller; marks of both add up, the route's wins.
 * Give the message where the route has its own: `@ApiErrors({ NOT_FOUND: 'There is no poll of this id.' })`.
 *
 * Documented without it: 500 and 431 everywhere, 400 where there is something to validate, and 408, 413 and
 * 415 where there is a body.
 */
export function ApiErrors(
  ...errors: (ErrorCode | ErrorMessages)[]
): ClassDecorator & MethodDecorator {
  const marks = errors.flatMap((error): [string, string | true][] =>
    typeof error === 'string' ? [[error, true]] : Object.entries(error),
  );
  return applyDecorators(
    ...marks.map(([code, message]) => ApiExtension(`${ERROR_MARK}${code}`, message)),
  );
}
