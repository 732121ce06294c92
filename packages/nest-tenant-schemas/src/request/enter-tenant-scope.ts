import { tenantContext } from '../context/tenant-context.js';
import { RequestScope } from './request-scope.js';

type Next = () => void;

/** Describes the part of a Fastify instance that the engine uses. */
interface FastifyHooks {
  addHook(name: 'onRequest', hook: (request: object, reply: unknown, done: Next) => void): unknown;
}

/**
 * Enters an unresolved scope for every request, in a native Fastify hook. A Nest middleware on Fastify would
 * cost about a fifth of the throughput. The hook reads no header, because it does not know the route. Fastify
 * keeps the async context while it reads a body.
 */
export function addTenantHook(fastify: FastifyHooks): void {
  fastify.addHook('onRequest', enterTenantScope);
}

/** Enters an unresolved scope for every request. It is a middleware for Express. */
export function enterTenantScope(request: object, _response: unknown, next: Next): void {
  tenantContext.runInScope(new RequestScope(request), next);
}
