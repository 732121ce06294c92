import type { FastifyInstance } from 'fastify';

/**
 * Closes the connections of clients that would keep them once their answers are out, as soon as the server
 * stops. Fastify closes those that are idle at that moment; one that was busy would hold the stop up for as
 * long as it is kept alive.
 */
export function closeConnectionsOnStop(fastify: FastifyInstance): void {
  let isStopping = false;
  fastify.addHook('preClose', (done) => {
    isStopping = true;
    done();
  });
  fastify.addHook('onResponse', (_request, _reply, done) => {
    // Not idle before Node has dealt with the end of the answer.
    if (isStopping) setImmediate(() => fastify.server.closeIdleConnections());
    done();
  });
}
