import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LingeringClose } from './lingering-close.js';

/**
 * Delivers answers that are sent before the body was read, such as 404, 413 and 415. After a small body, which Node reads and
 * drops, the connection stays usable. Otherwise the server closes it as soon as the client has the answer.
 *
 * @param maxBody maximum size of a body, in bytes
 */
export function deliverEarlyAnswers(
  fastify: FastifyInstance,
  lingering: LingeringClose,
  maxBody: number,
): void {
  const { server } = fastify;
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // Without a 100 Continue, the client does not send a body that is too large.
    if (!(lengthOf(request.headers) > maxBody)) response.writeContinue();
    server.emit('request', request, response);
  });
  // Node's own 417 has no error body. RFC 9110 allows servers to ignore unknown expectations.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  fastify.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    if (lingering.isLingering(raw.socket)) {
      // A pipelined request after the one whose answer closes the connection.
      reply.hijack();
      return;
    }
    lingering.watch(raw);
    done();
  });
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    closeIfUnread(request, reply, maxBody);
    done();
  });
  fastify.addHook('preClose', (done) => {
    lingering.stop();
    done();
  });
}

/** Makes an answer close its connection if the rest of the request is unread and may be large. */
export function closeIfUnread(request: FastifyRequest, reply: FastifyReply, maxBody: number): void {
  if (request.raw.complete || isSmall(request.headers, maxBody)) return;
  reply.header('connection', 'close');
}

function isSmall(headers: IncomingHttpHeaders, maxBody: number): boolean {
  return headers['transfer-encoding'] === undefined && !(lengthOf(headers) > maxBody);
}

/** Returns the Content-Length, or NaN without one. */
function lengthOf(headers: IncomingHttpHeaders): number {
  return Number(headers['content-length']);
}
