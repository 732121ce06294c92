import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Seconds for which a browser caches the answer to a preflight request. */
const MAX_AGE_SECONDS = 600;

/** Allows pages of these origins to call the API. Without origins CORS stays off, and browsers block other pages. */
export function allowOrigins(app: NestFastifyApplication, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.enableCors({
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['Retry-After'],
    // Pages send the token in a header, so no cookie is needed.
    credentials: false,
    maxAge: MAX_AGE_SECONDS,
  });
}
