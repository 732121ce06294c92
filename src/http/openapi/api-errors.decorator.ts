import { applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { ErrorCode } from '../errors/error-codes.js';

/** Prefix of the extensions that `completeDocument` converts to answers. Each code has its own, so that decorators combine. */
export const ERROR_MARK = 'x-error-';

/** Codes with the messages of the route. */
export type ErrorMessages = Partial<Record<ErrorCode, string>>;

/**
 * Documents errors of a route, or of all routes of a controller. Both combine, and the message of the route overrides that
 * of the controller. Pass a message if the route has its own: `@ApiErrors({ NOT_FOUND: 'There is no poll with this id.' })`.
 *
 * Some errors are documented without this decorator:
 *
 * - 500 and 431 for all routes
 * - 400 for routes with a body or a query
 * - 408, 413 and 415 for routes with a body
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
