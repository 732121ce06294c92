import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { tenantOf } from 'nest-tenant-schemas';

/** What load balancers ask all the time. */
const HEALTH = /^\/health\//;

/**
 * Writes one line for each request that was answered: at `warn` for a 5xx, at `debug` for a health check.
 * The route is its pattern and the tenant its schema: no path, query or header, which may hold secrets.
 */
export function logRequests(fastify: FastifyInstance): void {
  const { log } = fastify;
  fastify.addHook('onResponse', (request, reply, done) => {
    log[levelOf(request, reply)](lineOf(request, reply), 'request');
    done();
  });
  fastify.addHook('onRequestAbort', (request, done) => {
    log.info(
      { req_id: request.id, method: request.method, route: request.routeOptions.url },
      'request aborted',
    );
    done();
  });
}

function levelOf({ routeOptions }: FastifyRequest, { statusCode }: FastifyReply) {
  if (statusCode >= 500) return 'warn';
  return HEALTH.test(routeOptions.url ?? '') ? 'debug' : 'info';
}

function lineOf(request: FastifyRequest, reply: FastifyReply): object {
  return {
    req_id: request.id,
    method: request.method,
    // Undefined for a path that no route has.
    route: request.routeOptions.url,
    status: reply.statusCode,
    duration_ms: Math.round(reply.elapsedTime * 10) / 10,
    tenant: tenantOf(request)?.schema,
  };
}
