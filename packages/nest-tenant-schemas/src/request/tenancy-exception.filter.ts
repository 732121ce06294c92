import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { HTTP_STATUS_OF_TENANCY_ERROR } from '../errors/http-status.js';
import { TenancyError } from '../errors/tenancy.error.js';

const INTERNAL_ERROR = 500;
const UNAVAILABLE = 503;

/** Seconds after which a client may retry, as pools and statements recover by themselves. */
const RETRY_AFTER_SECONDS = '5';

/**
 * Answers the engine's errors with their HTTP statuses: `{ statusCode, code, message }`. A mistake of the client is not logged.
 * Every other error is a fault of the server: status 500 without details, and the reason in the log.
 */
@Catch(TenancyError)
export class TenancyExceptionFilter implements ExceptionFilter<TenancyError> {
  private readonly logger = new Logger('TenancyExceptionFilter');

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  /** @throws the error itself if it does not come from an HTTP request */
  catch(error: TenancyError, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error;
    const { httpAdapter } = this.adapterHost;
    const response: unknown = host.switchToHttp().getResponse();
    if (httpAdapter.isHeadersSent(response)) return this.logger.error(error.message, error.stack);
    const statusCode = HTTP_STATUS_OF_TENANCY_ERROR[error.code];
    if (statusCode === undefined) {
      this.logger.error(error.message, error.stack);
      const body = { statusCode: INTERNAL_ERROR, message: 'Internal server error' };
      return void httpAdapter.reply(response, body, INTERNAL_ERROR);
    }
    if (statusCode === UNAVAILABLE) {
      this.logger.warn(`${error.code}: ${error.message}`);
      httpAdapter.setHeader(response, 'Retry-After', RETRY_AFTER_SECONDS);
    }
    const { code, message } = error;
    httpAdapter.reply(response, { statusCode, code, message }, statusCode);
  }
}
