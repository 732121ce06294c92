import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LingeringClose } from './lingering-close.js';

/**
 * Delivers answers that are sent before the body was read: 404, 413, 415 and others. The connection stays usable after a
 * small body, which Node reads and drops; otherwise it is closed, and lingers until the client has the answer.
 *
 * @param maxBody bytes of a body that is read
 */
export function deliverEarlyAnswers(
  fastify: FastifyInstance,
  lingering: LingeringClose,
  maxBody: number,
): void {
  const { server } = fastify;
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // A body that is too large need not be sent at all.
    if (!(lengthOf(request.headers) > maxBody)) response.writeContinue();
    server.emit('request', request, response);
  });
  // Node's own 417 has no body in the contract's shape. RFC 9110 allows to ignore what is not known.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  fastify.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    if (lingering.isLingering(raw.socket)) {
      // A request behind the one whose answer closes the connection.
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

/** Has an answer close its connection if the request is not read to its end, and the rest may be large. */
export function closeIfUnread(request: FastifyRequest, reply: FastifyReply, maxBody: number): void {
  if (request.raw.complete || isSmall(request.headers, maxBody)) return;
  reply.header('connection', 'close');
}

function isSmall(headers: IncomingHttpHeaders, maxBody: number): boolean {
  return headers['transfer-encoding'] === undefined && !(lengthOf(headers) > maxBody);
}

/** NaN without a length. */
function lengthOf(headers: IncomingHttpHeaders): number {
  return Number(headers['content-length']);
}
