import { HttpException } from '@nestjs/common';
import { HTTP_STATUS_OF_TENANCY_ERROR, TenancyError } from '../tenancy/index.js';
import { isDatabaseUnavailable } from './database-unavailable.js';
import type { FieldProblem } from './validation.pipe.js';

/** The body of every error answer. */
export interface ErrorBody {
  readonly statusCode: number;
  readonly code: string;
  readonly message: string;
  readonly details?: readonly FieldProblem[];
}

/** Codes of answers that the framework makes, by status. */
const CODES: Readonly<Record<number, string>> = {
  400: 'VALIDATION_FAILED',
  401: 'UNAUTHENTICATED',
  402: 'TENANT_EXPIRED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  408: 'REQUEST_TIMEOUT',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
  431: 'HEADERS_TOO_LARGE',
  503: 'DATABASE_UNAVAILABLE',
};

/** Engine codes that the contract words otherwise. */
const CONTRACT_CODES: Partial<Record<string, string>> = {
  TENANT_CONFLICT: 'CONFLICT',
  SCHEMA_NAME_INVALID: 'VALIDATION_FAILED',
};

/** The answer to an error that the client can do something about, or undefined for a fault of ours. */
export function errorResponse(error: unknown): ErrorBody | undefined {
  if (error instanceof TenancyError) return tenancyResponse(error);
  if (error instanceof HttpException) return httpResponse(error);
  if (isDatabaseUnavailable(error)) {
    return body(503, 'The database cannot be reached at the moment. Try again shortly.');
  }
  return frameworkResponse(error);
}

function tenancyResponse({ code, message }: TenancyError): ErrorBody | undefined {
  const statusCode = HTTP_STATUS_OF_TENANCY_ERROR[code];
  return statusCode === undefined
    ? undefined
    : { statusCode, code: CONTRACT_CODES[code] ?? code, message };
}

function httpResponse(error: HttpException): ErrorBody | undefined {
  const response = error.getResponse() as { details?: FieldProblem[] } | string;
  const details = typeof response === 'string' ? undefined : response.details;
  const answer = body(error.getStatus(), error.message);
  return answer && { ...answer, ...(details && { details }) };
}

/** Fastify's own errors carry a status: a body that is no JSON, too large, of an unknown type. */
function frameworkResponse(error: unknown): ErrorBody | undefined {
  const { statusCode, message } = error as { statusCode?: unknown; message?: unknown };
  if (typeof statusCode !== 'number' || statusCode >= 500) return undefined;
  return body(statusCode, String(message));
}

function body(statusCode: number, message: string): ErrorBody | undefined {
  const code = CODES[statusCode];
  return code === undefined ? undefined : { statusCode, code, message };
}
