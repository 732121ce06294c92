import { randomUUID } from 'node:crypto';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { answerClientError } from './client-error.js';
import { answerFrameworkError, refuseUnrouted } from './unrouted.js';

/** Largest body that is read. Polls are small; a larger one is refused with 413. */
const BODY_LIMIT_BYTES = 100 * 1024;

/** What tests shorten. */
export interface AdapterOptions {
  /** How long a request may take to arrive whole, before it is refused with 408. Default 60 000 ms. */
  readonly requestTimeoutMs?: number;
  /** How often Node looks for requests that are late. Default 5 000 ms. */
  readonly timeoutCheckMs?: number;
}

/** Fastify as the application uses it. */
export function createFastifyAdapter({
  requestTimeoutMs = 60_000,
  timeoutCheckMs = 5_000,
}: AdapterOptions = {}): FastifyAdapter {
  const adapter = new JsonFastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
    // X-Request-ID may be the tenant header: the id of a request is ours.
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    requestTimeout: requestTimeoutMs,
    http: {
      connectionsCheckingInterval: timeoutCheckMs,
      headersTimeout: requestTimeoutMs,
      // Node's own refusal has no body: `refuseUnrouted` answers.
      requireHostHeader: false,
    },
    clientErrorHandler: answerClientError,
    frameworkErrors: answerFrameworkError,
  });
  adapter.getInstance().addHook('onRequest', refuseUnrouted);
  // Fastify would take text as well, and a DTO is never made of that.
  adapter.getInstance().removeContentTypeParser('text/plain');
  return adapter;
}

/** Reads JSON only, by Fastify's own parser: Nest adds one for forms, and those come from any web page. */
class JsonFastifyAdapter extends FastifyAdapter {
  override registerParserMiddleware(): void {
    // Nothing to add.
  }
}
