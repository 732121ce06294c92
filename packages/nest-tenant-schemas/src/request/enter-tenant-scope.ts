import { tenantContext } from '../context/tenant-context.js';
import { requiresPrimary } from './requires-primary.js';
import { RequestScope } from './request-scope.js';

type Next = () => void;

/** Enters a scope for a request. It is a hook of Fastify, and a middleware of Express. */
export type EnterScope = (request: object, response: unknown, next: Next) => void;

/** Describes the part of a Fastify instance that the engine uses. */
interface FastifyHooks {
  addHook(name: 'onRequest', hook: EnterScope): unknown;
}

/**
 * Enters an unresolved scope for every request, in a native Fastify hook. A Nest middleware on Fastify would
 * cost about a fifth of the throughput. The hook does not know the route, so it does not read the tenant. Fastify
 * keeps the async context while it reads a body.
 */
export function addTenantHook(fastify: FastifyHooks, enter: EnterScope): void {
  fastify.addHook('onRequest', enter);
}

/** Enters an unresolved scope for every request. */
export const enterTenantScope: EnterScope = (request, _response, next) => {
  tenantContext.runInScope(new RequestScope(request), next);
};

/** Does the same for a DataSource with read replicas. It also finds out whether the request must not use them. */
export const enterReplicatedScope: EnterScope = (request, _response, next) => {
  tenantContext.runInScope(new RequestScope(request, requiresPrimary(request)), next);
};
