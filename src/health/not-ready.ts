import { ServiceUnavailableException } from '@nestjs/common';
import type { HealthCheckResult } from '@nestjs/terminus';
import { DATABASE_UNREACHABLE, SHUTTING_DOWN } from '../http/errors/error-messages.js';

/** Converts an exception of Terminus to an error answer, which names the part that is down. The reason could reveal hosts. */
export function notReady(error: unknown): unknown {
  if (!(error instanceof ServiceUnavailableException)) return error;
  const { error: down = {} } = error.getResponse() as HealthCheckResult;
  return new ServiceUnavailableException({
    code: 'DATABASE_UNAVAILABLE',
    message: DATABASE_UNREACHABLE,
    details: Object.keys(down).map((field) => ({ field, message: `${field} is down` })),
  });
}

/** Returns the error answer of a server that is shutting down. */
export function stopping(): ServiceUnavailableException {
  return new ServiceUnavailableException({ code: 'SHUTTING_DOWN', message: SHUTTING_DOWN });
}
