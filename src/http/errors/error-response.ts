import { HttpException } from '@nestjs/common';
import { HTTP_STATUS_OF_TENANCY_ERROR, TenancyError } from 'nest-tenant-schemas';
import {
  driverErrorOf,
  isDatabaseTooSlow,
  isDatabaseUnavailable,
  isTransactionConflict,
} from './database-unavailable.js';
import type { ErrorBody, FieldProblem } from './error-body.dto.js';
import { ERROR_STATUS, type ErrorCode } from './error-codes.js';
import {
  BODY_TOO_LARGE,
  DATABASE_UNREACHABLE,
  DATABASE_SLOW,
  noRoute,
  NOT_JSON,
  PATH_TOO_LONG,
  TRANSACTION_CONFLICT,
} from './error-messages.js';

/** Codes of errors without a code of their own, such as those of Nest and Fastify, by status. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'VALIDATION_FAILED',
  401: 'UNAUTHENTICATED',
  402: 'TENANT_EXPIRED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  408: 'REQUEST_TIMEOUT',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  // The router rejects a path with a parameter that is too long.
  414: 'NOT_FOUND',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
  431: 'HEADERS_TOO_LARGE',
  503: 'DATABASE_UNAVAILABLE',
};

/** Codes of the engine that have another name in the API. */
const CONTRACT_CODES: Partial<Record<string, ErrorCode>> = {
  TENANT_CONFLICT: 'CONFLICT',
  DROP_BLOCKED: 'CONFLICT',
  SCHEMA_NAME_INVALID: 'VALIDATION_FAILED',
  TENANT_ROW_REJECTED: 'VALIDATION_FAILED',
  STATEMENT_OUTDATED: 'DATABASE_UNAVAILABLE',
};

/** Matches Nest's message for a path or a method without a route. */
const NO_ROUTE = /^Cannot ([A-Z]+) /;

/** Returns the answer to an error that the client can act on. Undefined for an internal error. */
export function errorResponse(error: unknown): ErrorBody | undefined {
  const source = driverErrorOf(error);
  if (source instanceof TenancyError) return tenancyResponse(source);
  if (error instanceof HttpException) return httpResponse(error);
  if (isDatabaseUnavailable(error)) return errorBody('DATABASE_UNAVAILABLE', DATABASE_UNREACHABLE);
  if (isDatabaseTooSlow(error)) return errorBody('DATABASE_UNAVAILABLE', DATABASE_SLOW);
  if (isTransactionConflict(error)) return errorBody('DATABASE_UNAVAILABLE', TRANSACTION_CONFLICT);
  return frameworkResponse(error);
}

/** Returns an error answer. It adds the period that a message lacks. */
export function errorBody(
  code: ErrorCode,
  message: string,
  details?: readonly FieldProblem[],
): ErrorBody {
  const text = /[.!?]$/.test(message) ? message : `${message}.`;
  return { statusCode: ERROR_STATUS[code], code, message: text, ...(details && { details }) };
}

function tenancyResponse({ code, message }: TenancyError): ErrorBody | undefined {
  if (HTTP_STATUS_OF_TENANCY_ERROR[code] === undefined) return undefined;
  const given = CONTRACT_CODES[code] ?? code;
  return given in ERROR_STATUS ? errorBody(given as ErrorCode, message) : undefined;
}

function httpResponse(error: HttpException): ErrorBody | undefined {
  const code = codeOf(error.getStatus());
  if (code === undefined) return undefined;
  const response = error.getResponse() as { code?: unknown; details?: unknown } | string;
  const given = typeof response === 'string' ? {} : response;
  const method = code === 'NOT_FOUND' ? NO_ROUTE.exec(error.message)?.[1] : undefined;
  return errorBody(
    isErrorCode(given.code) ? given.code : code,
    method === undefined ? messageFor(code, error.message) : noRoute(method),
    Array.isArray(given.details) ? (given.details as FieldProblem[]) : undefined,
  );
}

/** Returns the answer to an error of Fastify, such as a body that is not JSON, or is too large. Such an error has a status. */
function frameworkResponse(error: unknown): ErrorBody | undefined {
  const { statusCode, message } = Object(error) as { statusCode?: unknown; message?: unknown };
  const code = typeof statusCode === 'number' ? codeOf(statusCode) : undefined;
  if (code === undefined || code === 'DATABASE_UNAVAILABLE') return undefined;
  return errorBody(code, statusCode === 414 ? PATH_TOO_LONG : messageFor(code, String(message)));
}

/** Replaces messages of Fastify that lack the next action. */
function messageFor(code: ErrorCode, message: string): string {
  if (code === 'PAYLOAD_TOO_LARGE') return BODY_TOO_LARGE;
  return code === 'UNSUPPORTED_MEDIA_TYPE' ? NOT_JSON : message;
}

/** Returns the code of a status. An unknown 4xx status is `VALIDATION_FAILED`, because a mistake of the client is never a 500. */
function codeOf(status: number): ErrorCode | undefined {
  return (
    CODE_OF_STATUS[status] ?? (status >= 400 && status < 500 ? 'VALIDATION_FAILED' : undefined)
  );
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_STATUS, code);
}
