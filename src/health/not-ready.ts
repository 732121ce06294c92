import { ServiceUnavailableException } from '@nestjs/common';
import type { HealthCheckResult } from '@nestjs/terminus';
import { DATABASE_AWAY, SHUTTING_DOWN } from '../http/errors/error-messages.js';

/** Terminus' exception as the application answers errors: what is down, but not the reason, which names hosts. */
export function notReady(error: unknown): unknown {
  if (!(error instanceof ServiceUnavailableException)) return error;
  const { error: down = {} } = error.getResponse() as HealthCheckResult;
  return new ServiceUnavailableException({
    code: 'DATABASE_UNAVAILABLE',
    message: DATABASE_AWAY,
    details: Object.keys(down).map((field) => ({ field, message: `${field} is down` })),
  });
}

/** The answer of an application that is about to end. */
export function stopping(): ServiceUnavailableException {
  return new ServiceUnavailableException({ code: 'SHUTTING_DOWN', message: SHUTTING_DOWN });
}
