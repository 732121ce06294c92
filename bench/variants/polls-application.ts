// What is the same in all variants with Nest: adapter, guard of logins, pipe, filter, and no logging of requests.
import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { APP_FILTER, APP_PIPE, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ErrorFilter } from '../../src/http/errors/error.filter.js';
import { createFastifyAdapter } from '../../src/http/server/fastify-adapter.js';
import { createValidationPipe } from '../../src/http/validation/validation.pipe.js';
import { GUARDED_BY_LOGIN } from './guarded-by-login.js';
import type { Served } from './setting.js';

/**
 * @param imports the modules of the database, of tenants if any, and of polls
 * @param providers what the guard of logins needs beside them
 */
export async function servePolls(
  imports: (DynamicModule | Type)[],
  providers: Provider[] = [],
): Promise<Served> {
  @Module({
    imports,
    providers: [
      ...GUARDED_BY_LOGIN,
      ...providers,
      { provide: APP_PIPE, useFactory: createValidationPipe },
      { provide: APP_FILTER, useClass: ErrorFilter },
    ],
  })
  class ApplicationModule {}

  const app = await NestFactory.create<NestFastifyApplication>(
    ApplicationModule,
    createFastifyAdapter(),
    { logger: ['error', 'warn'], abortOnError: false },
  );
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), close: () => app.close() };
}
