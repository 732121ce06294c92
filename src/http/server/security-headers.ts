import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import helmet, { type HelmetOptions } from 'helmet';
import { DOCS_PATH } from '../openapi/docs-path.js';

/** Headers of the API. Browsers do not render its JSON, so it may load nothing and appear in no frame. */
const API: HelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  xFrameOptions: { action: 'deny' },
  // These concern only documents and old browsers.
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
};

/** Headers of the Swagger UI. It needs its own files, inline styles and images, and requests to this server. */
const DOCS: HelmetOptions = {
  contentSecurityPolicy: {
    directives: {
      fontSrc: ["'self'", 'data:'],
      styleSrc: ["'self'", "'unsafe-inline'"],
      // It would break the page over plain HTTP, except on localhost.
      upgradeInsecureRequests: null,
    },
  },
};

/**
 * Returns a hook that sets the security headers of each answer. Answers of the API also forbid caching, because the cache key,
 * host and path, is the same for all tenants.
 *
 * @param tenantHeader added to `Vary`, for caches that store answers nevertheless
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
      // CORS has already set `Origin`.
      const others = reply.getHeader('vary');
      reply.headers(
        others ? { ...apiHeaders, vary: `${varyBy}, ${String(others)}` } : apiHeadersAlone,
      );
    }
    done();
  };
}

/** Returns helmet's headers. They are built once because they are the same for all requests, and take as long as a query. */
function headersOf(options: HelmetOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  const response = {
    setHeader: (name: string, value: string) => void (headers[name.toLowerCase()] = value),
    removeHeader: () => undefined,
  };
  helmet(options)({} as IncomingMessage, response as unknown as ServerResponse, () => undefined);
  return headers;
}
