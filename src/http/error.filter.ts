import { randomUUID } from 'node:crypto';
import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { ErrorBody } from './error-body.dto.js';
import { internalError } from './error-messages.js';
import { errorBody, errorResponse } from './error-response.js';

/** Seconds after which a client may try again while the database is away. */
const RETRY_AFTER_SECONDS = '5';

/** Turns every error into the contract's body. What it does not know is a 500 with an id to look for. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('ErrorFilter');

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const { httpAdapter } = this.adapterHost;
    const response: unknown = host.switchToHttp().getResponse();
    const answer = errorResponse(error) ?? this.internalError(error);
    if (answer.statusCode === 401) httpAdapter.setHeader(response, 'WWW-Authenticate', 'Bearer');
    if (answer.statusCode === 503)
      httpAdapter.setHeader(response, 'Retry-After', RETRY_AFTER_SECONDS);
    httpAdapter.reply(response, answer, answer.statusCode);
  }

  private internalError(error: unknown): ErrorBody {
    const id = randomUUID();
    this.logger.error(`Error ${id}`, error instanceof Error ? error.stack : String(error));
    return errorBody('INTERNAL_ERROR', internalError(id));
  }
}
