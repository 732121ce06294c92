import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Milliseconds in which a new connection must send its first byte while the server stops. */
const FIRST_BYTE_MS = 500;

/**
 * Closes connections that would delay the stop of the server. Fastify closes only connections that are idle when the stop begins.
 * Two kinds remain:
 *
 * - busy connections, which stay open after their answer until keep-alive expires
 * - connections without a request so far, which Node does not count as idle
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
    // A client may have just opened a connection to send a request.
    setTimeout(closeSilent, FIRST_BYTE_MS).unref();
    done();
  });
  fastify.addHook('onResponse', (_request, _reply, done) => {
    // The connection becomes idle only after Node has handled the end of the answer.
    if (isStopping) setImmediate(() => server.closeIdleConnections());
    done();
  });
}
