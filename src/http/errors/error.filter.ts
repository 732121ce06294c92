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

/** Seconds after which a client may try again while the database is away or busy. */
const RETRY_AFTER_SECONDS = '5';

/**
 * Turns every error into the contract's body. What it does not know is a 500 with the request's id, under
 * which the log has the reason.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('ErrorFilter');

  /** @param directory undefined in an application for one tenant, as is `dataSource` without a database */
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
      // An exception that is the answer itself, as the readiness check's, has nothing for the log but a cause.
      const logged = error instanceof HttpException ? error.cause : error;
      if (logged !== undefined) this.tell(logged, answer, request.id);
    }
    httpAdapter.reply(response, answer, answer.statusCode);
  }

  private internalError(error: unknown, id: string): ErrorBody {
    this.logger.error(`Error ${id}`, error instanceof Error ? error.stack : String(error));
    return errorBody('INTERNAL_ERROR', internalError(id));
  }

  /** The answer says that something is away or busy, the log what: which statement, and the driver's words. */
  private tell(error: unknown, { code }: ErrorBody, id: string): void {
    const { message, query } = error as Error & { readonly query?: string };
    this.logger.warn(`${code} ${id}: ${message}${query === undefined ? '' : ` (${query})`}`);
  }
}
