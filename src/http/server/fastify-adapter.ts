import { randomUUID } from 'node:crypto';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Environment } from '../../config/environment.interface.js';
import { clientErrorHandler } from '../errors/client-error.js';
import { closeConnectionsOnStop } from './close-connections.js';
import { closeIfUnread, deliverEarlyAnswers } from './early-answers.js';
import { refuseEncoded } from '../encoded-bodies.js';
import { LingeringClose, type LingerLimits } from './lingering-close.js';
import { logRequests } from '../log/log-requests.js';
import { type LogOptions, pinoOptions } from '../log/pino-options.js';
import { secure } from './security-headers.js';
import { answerFrameworkError, refuseUnrouted } from '../errors/unrouted.js';

/** Maximum size of a body. A larger body is rejected with 413. */
const BODY_LIMIT_BYTES = 100 * 1024;

/** Maximum size of all headers together: Node's default, regardless of `--max-http-header-size`. */
const HEADER_LIMIT_BYTES = 16 * 1024;

/** Settings from the environment, and time limits that tests shorten. */
export interface AdapterOptions {
  /** Default: the server logs nothing. */
  readonly log?: LogOptions;
  /** Proxies to trust for the client's address. Default: false, none. */
  readonly trustProxy?: Environment['trustProxy'];
  /** Name of the tenant header, for `Vary`. Default: `X-Request-ID`. */
  readonly tenantHeader?: Environment['tenantHeader'];
  /** Milliseconds in which a request must arrive completely. A later one is rejected with 408. Default: 60 000. */
  readonly requestTimeoutMs?: number;
  /** Milliseconds between Node's checks for late requests. Default: 5 000. */
  readonly timeoutCheckMs?: number;
  /** Limits for reading the rest of a request after its answer. Default: 64 MB, 30 s, 5 s without a byte. */
  readonly linger?: LingerLimits;
}

/** Creates the Fastify adapter of the application. */
export function createFastifyAdapter({
  log,
  trustProxy = false,
  tenantHeader = 'X-Request-ID',
  requestTimeoutMs = 60_000,
  timeoutCheckMs = 5_000,
  linger,
}: AdapterOptions = {}): FastifyAdapter {
  const lingering = new LingeringClose(linger);
  const adapter = new JsonFastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
    // The server generates the ids of requests because X-Request-ID may be the tenant header.
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    ...(log && pinoOptions(log)),
    // Nest's types do not allow a number. Fastify converts a number to the same function.
    trustProxy: typeof trustProxy === 'number' ? (_address, hop) => hop < trustProxy : trustProxy,
    // The server also answers requests that arrive while it stops, and then closes their connections.
    return503OnClosing: false,
    requestTimeout: requestTimeoutMs,
    http: {
      maxHeaderSize: HEADER_LIMIT_BYTES,
      connectionsCheckingInterval: timeoutCheckMs,
      headersTimeout: requestTimeoutMs,
      // `refuseUnrouted` rejects a missing Host header, because Node's own answer has no body.
      requireHostHeader: false,
    },
    clientErrorHandler: clientErrorHandler(lingering),
    // Fastify runs no hooks for these errors.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      lingering.watch(request.raw);
      closeIfUnread(request, reply, BODY_LIMIT_BYTES);
      answerFrameworkError(error, request, reply);
    },
  });
  const fastify = adapter.getInstance();
  closeConnectionsOnStop(fastify);
  deliverEarlyAnswers(fastify, lingering, BODY_LIMIT_BYTES);
  if (log) logRequests(fastify);
  fastify.addHook('onRequest', secure(tenantHeader));
  fastify.addHook('onRequest', refuseUnrouted);
  fastify.addHook('onRequest', refuseEncoded);
  readJson(fastify);
  return adapter;
}

/** Accepts JSON bodies only. It accepts an empty body, because many clients send the JSON content type without a body. */
function readJson(fastify: FastifyInstance): void {
  // Fastify would also accept text, from which no DTO is built.
  fastify.removeAllContentTypeParsers();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string' },
    (request, body, done) => {
      if (body === '') done(null, undefined);
      else parse(request, body, done);
    },
  );
}

/** Keeps Fastify's JSON parser only. Nest would add a parser for forms, which any web page can send. */
class JsonFastifyAdapter extends FastifyAdapter {
  override registerParserMiddleware(): void {
    // Adds no parser.
  }
}
