import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import helmet, { type HelmetOptions } from 'helmet';
import { DOCS_PATH } from './openapi/docs-path.js';

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

const API_HEADERS = headersOf(API);
const DOCS_HEADERS = headersOf(DOCS);

/** A hook: sets the security headers of every answer. */
export function secure(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  reply.headers(request.url.startsWith(`/${DOCS_PATH}`) ? DOCS_HEADERS : API_HEADERS);
  done();
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
