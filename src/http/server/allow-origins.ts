import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** How long a browser remembers what it may send. */
const MAX_AGE_SECONDS = 600;

/** Lets pages of these origins call the API. Without any, CORS stays off and browsers refuse all of them. */
export function allowOrigins(app: NestFastifyApplication, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.enableCors({
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['Retry-After'],
    // Tokens are sent in a header, by the page itself: no cookie is needed.
    credentials: false,
    maxAge: MAX_AGE_SECONDS,
  });
}
