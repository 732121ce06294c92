import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import helmet, { type HelmetOptions } from 'helmet';
import { DOCS_PATH } from '../openapi/docs-path.js';

/** JSON that no browser renders: nothing may be loaded by it, and nothing may frame it. */
const API: HelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  xFrameOptions: { action: 'deny' },
  // What concerns documents only, and browsers of old.
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
};

/** The Swagger UI: its own files, its inline styles and images, and calls of this server. */
const DOCS: HelmetOptions = {
  contentSecurityPolicy: {
    directives: {
      fontSrc: ["'self'", 'data:'],
      styleSrc: ["'self'", "'unsafe-inline'"],
      // It would break the page over plain HTTP anywhere but on localhost.
      upgradeInsecureRequests: null,
    },
  },
};

/**
 * A hook that sets the security headers of every answer. Those of the API also tell caches to keep nothing: what a
 * cache goes by, host and path, is the same for all tenants.
 *
 * @param tenantHeader for caches that keep answers all the same
 */
export function secure(tenantHeader: string) {
  const apiHeaders = { ...headersOf(API), 'cache-control': 'no-store' };
  const docsHeaders = headersOf(DOCS);
  const varyBy = `authorization, ${tenantHeader.toLowerCase()}`;
  const apiHeadersAlone = { ...apiHeaders, vary: varyBy };
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    if (request.url.startsWith(`/${DOCS_PATH}`)) {
      reply.headers(docsHeaders);
    } else {
      // CORS has set `Origin` before.
      const others = reply.getHeader('vary');
      reply.headers(
        others ? { ...apiHeaders, vary: `${varyBy}, ${String(others)}` } : apiHeadersAlone,
      );
    }
    done();
  };
}

/** What helmet sets is the same for every request: asked once, as building it takes as long as a query. */
function headersOf(options: HelmetOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  const response = {
    setHeader: (name: string, value: string) => void (headers[name.toLowerCase()] = value),
    removeHeader: () => undefined,
  };
  helmet(options)({} as IncomingMessage, response as unknown as ServerResponse, () => undefined);
  return headers;
}
