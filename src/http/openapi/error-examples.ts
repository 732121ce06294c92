import {
  PoolExhaustedError,
  type TenancyError,
  TenantConflictError,
  TenantHeaderInvalidError,
  TenantHeaderMissingError,
  TenantNotFoundError,
  TenantSuspendedError,
} from 'nest-tenant-schemas';
import type { ErrorBody } from '../errors/error-body.dto.js';
import type { ErrorCode } from '../errors/error-codes.js';
import * as messages from '../errors/error-messages.js';
import { errorBody, errorResponse } from '../errors/error-response.js';

/** The condition of an error answer, and an example. */
export interface ErrorExample {
  readonly when: string;
  readonly answer: ErrorBody;
}

/** Returns an example for each code. It has the real message, unless that depends on the request. */
export function errorExamples(tenantHeader: string): Readonly<Record<ErrorCode, ErrorExample>> {
  return {
    TENANT_HEADER_MISSING: thrown(
      'The tenant header is missing',
      new TenantHeaderMissingError(tenantHeader),
    ),
    TENANT_HEADER_INVALID: thrown(
      'The tenant header is not one UUID',
      new TenantHeaderInvalidError(tenantHeader),
    ),
    TENANT_NOT_FOUND: thrown('No tenant has this UUID', new TenantNotFoundError()),
    CONFLICT: thrown(
      'A unique value is already taken',
      new TenantConflictError('schema "pollsmaster"'),
    ),
    VALIDATION_FAILED: {
      when: 'Something in the request breaks a rule',
      answer: validationFailed('question must not be blank'),
    },
    ...given('UNAUTHENTICATED', 'The request has no valid token', messages.LOG_IN),
    ...given(
      'FORBIDDEN',
      'The user may not do this',
      'Only the creator of a poll and admins may change it.',
    ),
    TENANT_SUSPENDED: thrown('The tenant is suspended', new TenantSuspendedError()),
    ...given(
      'TENANT_EXPIRED',
      'The tenant is expired',
      'This tenant is no longer paid for. Ask the operator.',
    ),
    ...given('NOT_FOUND', 'The path or the object does not exist', messages.noRoute('GET')),
    ...given('REQUEST_TIMEOUT', 'The request takes too long', messages.REQUEST_TIMED_OUT),
    ...given('PAYLOAD_TOO_LARGE', 'The body is too large', messages.BODY_TOO_LARGE),
    ...given(
      'UNSUPPORTED_MEDIA_TYPE',
      'The body is not JSON, or it is compressed',
      messages.NOT_JSON,
    ),
    ...given('RATE_LIMITED', 'Too many requests', messages.TOO_MANY_REQUESTS),
    ...given('HEADERS_TOO_LARGE', 'The headers are too large', messages.HEADERS_TOO_LARGE),
    ...given(
      'INTERNAL_ERROR',
      'The server failed; its log has the same id',
      messages.internalError('9b2f3c1e-5d0a-4b57-8f1e-2c6d7a8b9c0d'),
    ),
    ...given('DATABASE_UNAVAILABLE', 'The database is unavailable', messages.DATABASE_UNREACHABLE),
    POOL_EXHAUSTED: thrown(
      'Too many requests of this tenant, or of all, wait for the database',
      new PoolExhaustedError('tenant', undefined, 'full'),
    ),
    ...given('SHUTTING_DOWN', 'The server is about to stop', messages.SHUTTING_DOWN),
  };
}

/** Returns an answer for a field that violates a rule. The rule must begin with the name of the field. */
export function validationFailed(rule: string): ErrorBody {
  const [field = ''] = rule.split(' ');
  return errorBody('VALIDATION_FAILED', rule, [{ field, message: rule }]);
}

function given<Code extends ErrorCode>(
  code: Code,
  when: string,
  message: string,
): Record<Code, ErrorExample> {
  return { [code]: { when, answer: errorBody(code, message) } } as Record<Code, ErrorExample>;
}

function thrown(when: string, error: TenancyError): ErrorExample {
  const answer = errorResponse(error);
  if (!answer) throw new TypeError(`${error.name} does not have an error answer.`);
  return { when, answer };
}
