import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How long a new connection may take to send its first byte, once the server stops. */
const FIRST_BYTE_MS = 500;

/**
 * Closes the connections of clients that would keep them, as soon as the server stops. Fastify closes those that
 * are idle at that moment. One that was busy would hold the stop up for as long as it is kept alive, and one on
 * which nothing has come yet, as opened in advance, for as long as its client likes: Node does not call it idle.
 */
export function closeConnectionsOnStop(fastify: FastifyInstance): void {
  const { server } = fastify;
  const connections = new Set<Socket>();
  let isStopping = false;
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  const closeSilent = (): void => {
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  };
  fastify.addHook('preClose', (done) => {
    isStopping = true;
    // A request may be on its way, over a connection that has just been made for it.
    setTimeout(closeSilent, FIRST_BYTE_MS).unref();
    done();
  });
  fastify.addHook('onResponse', (_request, _reply, done) => {
    // Not idle before Node has dealt with the end of the answer.
    if (isStopping) setImmediate(() => server.closeIdleConnections());
    done();
  });
}
