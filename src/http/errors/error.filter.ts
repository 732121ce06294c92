import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Logger,
  Optional,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { TenantCache, tenantOf } from 'nest-tenant-schemas';
import type { ErrorBody } from './error-body.dto.js';
import { internalError } from './error-messages.js';
import { errorBody, errorResponse } from './error-response.js';
import { explainMissingTenant } from './tenant-gone.js';

/** Seconds until a client should retry while the database is unavailable or busy. */
const RETRY_AFTER_SECONDS = '5';

/**
 * Converts each error to an error answer. An unknown error becomes a 500 with the id of the request. The log has the error
 * under the same id.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('ErrorFilter');

  /** @param tenantCache undefined in an application for one tenant, as is `dataSource` without a database */
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @Optional() private readonly tenantCache?: TenantCache,
    @Optional() private readonly dataSource?: DataSource,
  ) {}

  async catch(thrown: unknown, host: ArgumentsHost): Promise<void> {
    const { httpAdapter } = this.adapterHost;
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const response: unknown = http.getResponse();
    const error = await explainMissingTenant(
      thrown,
      tenantOf(request),
      this.tenantCache,
      this.dataSource,
    );
    const answer = errorResponse(error) ?? this.internalError(error, request.id);
    if (answer.statusCode === 401) httpAdapter.setHeader(response, 'WWW-Authenticate', 'Bearer');
    if (answer.statusCode === 503) {
      httpAdapter.setHeader(response, 'Retry-After', RETRY_AFTER_SECONDS);
      // An HttpException is the answer itself, such as that of the readiness check. Only its cause belongs in the log.
      const logged = error instanceof HttpException ? error.cause : error;
      if (logged !== undefined) this.logUnavailable(logged, answer, request.id);
    }
    httpAdapter.reply(response, answer, answer.statusCode);
  }

  private internalError(error: unknown, id: string): ErrorBody {
    this.logger.error(`Error ${id}`, error instanceof Error ? error.stack : String(error));
    return errorBody('INTERNAL_ERROR', internalError(id));
  }

  /** Logs the cause of a 503, which the answer does not contain: the message of the driver, and the statement. */
  private logUnavailable(error: unknown, { code }: ErrorBody, id: string): void {
    const { message, query } = error as Error & { readonly query?: string };
    this.logger.warn(`${code} ${id}: ${message}${query === undefined ? '' : ` (${query})`}`);
  }
}
