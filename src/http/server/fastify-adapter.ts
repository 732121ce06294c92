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

/** Largest body that is read. Polls are small; a larger one is refused with 413. */
const BODY_LIMIT_BYTES = 100 * 1024;

/** Largest headers that are read, all together: Node's own limit, whatever its command line says. */
const HEADER_LIMIT_BYTES = 16 * 1024;

/** What the environment decides, and what tests shorten. */
export interface AdapterOptions {
  /** Default: nothing is logged. */
  readonly log?: LogOptions;
  /** Which proxies are believed about whose request it is. Default false: none. */
  readonly trustProxy?: Environment['trustProxy'];
  /** The header that says whose an answer is. Default: `X-Request-ID`. */
  readonly tenantHeader?: Environment['tenantHeader'];
  /** How long a request may take to arrive whole, before it is refused with 408. Default 60 000 ms. */
  readonly requestTimeoutMs?: number;
  /** How often Node looks for requests that are late. Default 5 000 ms. */
  readonly timeoutCheckMs?: number;
  /** How much of a request is read after an answer that closes the connection. Default 64 MB, 30 s, 5 s without a byte. */
  readonly linger?: LingerLimits;
}

/** Fastify as the application uses it. */
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
    // X-Request-ID may be the tenant header: the id of a request is ours.
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    ...(log && pinoOptions(log)),
    // Nest's types lack the number, which Fastify turns into the same.
    trustProxy: typeof trustProxy === 'number' ? (_address, hop) => hop < trustProxy : trustProxy,
    // What comes while the server stops is served as well, over connections that are then closed.
    return503OnClosing: false,
    requestTimeout: requestTimeoutMs,
    http: {
      maxHeaderSize: HEADER_LIMIT_BYTES,
      connectionsCheckingInterval: timeoutCheckMs,
      headersTimeout: requestTimeoutMs,
      // Node's own refusal has no body: `refuseUnrouted` answers.
      requireHostHeader: false,
    },
    clientErrorHandler: clientErrorHandler(lingering),
    // No hook sees these.
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

/** Reads JSON only. An empty body is none: many clients call every request JSON, also one without a body. */
function readJson(fastify: FastifyInstance): void {
  // Fastify would take text as well, and a DTO is never made of that.
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

/** Reads JSON only, by Fastify's own parser: Nest adds one for forms, and those come from any web page. */
class JsonFastifyAdapter extends FastifyAdapter {
  override registerParserMiddleware(): void {
    // Nothing to add.
  }
}
