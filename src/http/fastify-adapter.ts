import { randomUUID } from 'node:crypto';
import { FastifyAdapter } from '@nestjs/platform-fastify';

/** Largest body that is read. Polls are small; a larger one is refused with 413. */
const BODY_LIMIT_BYTES = 100 * 1024;

/** Fastify as the application uses it. */
export function createFastifyAdapter(): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { ignoreTrailingSlash: true },
    // X-Request-ID may be the tenant header: the id of a request is ours.
    requestIdHeader: false,
    genReqId: () => randomUUID(),
  });
}
