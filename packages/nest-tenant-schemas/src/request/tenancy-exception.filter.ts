import {
  type ArgumentsHost,
  Catch,
  type ContextType,
  type ExceptionFilter,
  Logger,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { HTTP_STATUS_OF_TENANCY_ERROR } from '../errors/http-status.js';
import { TenancyError } from '../errors/tenancy.error.js';

const INTERNAL_ERROR = 500;
const UNAVAILABLE = 503;

/** Seconds after which a client may retry, as pools and statements recover by themselves. */
const RETRY_AFTER_SECONDS = '5';

/** Replaces the message of a fault of the server, which may name schemas and options. */
const HIDDEN_MESSAGE = 'Internal server error';

/**
 * Answers the engine's errors with their HTTP statuses: `{ statusCode, code, message }`. A mistake of the client is not logged.
 * Every other error is a fault of the server: status 500 without details, and the reason in the log. A GraphQL server gets
 * the error instead, which has the code in `extensions.code`, or an error without details.
 */
@Catch(TenancyError)
export class TenancyExceptionFilter implements ExceptionFilter<TenancyError> {
  private readonly logger = new Logger('TenancyExceptionFilter');

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  /** @throws the error for a GraphQL server. The error itself if it does not come from an HTTP request */
  catch(error: TenancyError, host: ArgumentsHost): void {
    const type = host.getType<ContextType | 'graphql'>();
    const statusCode = HTTP_STATUS_OF_TENANCY_ERROR[error.code];
    if (type === 'http') return this.answer(error, statusCode, host.switchToHttp().getResponse());
    if (type !== 'graphql') throw error;
    this.report(error, statusCode);
    throw statusCode === undefined ? new Error(HIDDEN_MESSAGE) : error;
  }

  private answer(error: TenancyError, statusCode: number | undefined, response: unknown): void {
    const { httpAdapter } = this.adapterHost;
    if (httpAdapter.isHeadersSent(response)) return this.logger.error(error.message, error.stack);
    this.report(error, statusCode);
    if (statusCode === undefined) {
      const body = { statusCode: INTERNAL_ERROR, message: HIDDEN_MESSAGE };
      return void httpAdapter.reply(response, body, INTERNAL_ERROR);
    }
    if (statusCode === UNAVAILABLE) {
      httpAdapter.setHeader(response, 'Retry-After', RETRY_AFTER_SECONDS);
    }
    const { code, message } = error;
    httpAdapter.reply(response, { statusCode, code, message }, statusCode);
  }

  private report({ code, message, stack }: TenancyError, statusCode: number | undefined): void {
    if (statusCode === undefined) this.logger.error(message, stack);
    else if (statusCode === UNAVAILABLE) this.logger.warn(`${code}: ${message}`);
  }
}
