import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { tenantOf } from 'nest-tenant-schemas';

/** Matches routes of health checks, which load balancers call often. */
const HEALTH = /^\/health\//;

/**
 * Logs one line for each answered request: at `warn` for a 5xx, at `debug` for a health check, otherwise at `info`.
 * A line has the pattern of the route and the schema of the tenant. It has no path, query or header, which may contain secrets.
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
    // Undefined for a path without a route.
    route: request.routeOptions.url,
    status: reply.statusCode,
    duration_ms: Math.round(reply.elapsedTime * 10) / 10,
    tenant: tenantOf(request)?.schema,
  };
}
