import 'reflect-metadata';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { ClientRegistry } from './clients/client-registry.js';
import { readEnvironment } from './config/environment.js';
import type { Environment } from './config/environment.interface.js';
import { type OpenDatabase, openDatabase } from './database/open-database.js';
import { allowOrigins } from './http/allow-origins.js';
import { createFastifyAdapter } from './http/fastify-adapter.js';
import { NestLogger } from './http/log/nest-logger.js';
import { readableStream } from './http/log/readable-stream.js';
import { serveDocs } from './http/openapi/serve-docs.js';
import { startUpBanner } from './http/start-up-banner.js';
import { startUpProblem } from './http/start-up-problem.js';
import { stopOnSignals } from './http/stop-on-signals.js';
import { SchemaMigrator } from './tenancy/index.js';

/** Serves until a signal: the database, the shared schema, HTTP, in this order. */
async function main(): Promise<void> {
  const environment = readEnvironment();
  const adapter = createFastifyAdapter({
    log: {
      level: environment.logLevel,
      stream: environment.nodeEnv === 'production' ? undefined : readableStream(process.stdout),
    },
    trustProxy: environment.trustProxy,
  });
  const logger = new NestLogger(adapter.getInstance().log);
  const database = await openDatabase(environment, (line) => logger.log(line, 'Database'));
  let app: NestFastifyApplication | undefined;
  try {
    app = await NestFactory.create<NestFastifyApplication>(
      AppModule.forRoot(environment, database.url),
      adapter,
      { logger, abortOnError: false },
    );
    allowOrigins(app, environment.corsOrigins);
    serveDocs(app, environment.tenantHeader);
    await app.init();
    await migrateShared(app);
    await app.listen(environment.port, environment.host);
    stopOnSignals(app, environment.shutdownTimeoutMs, () => database.release());
    process.stdout.write(await banner(app, database, environment));
  } catch (error) {
    // What is closed half-way may fail again; the first error is the one to tell.
    await app?.close().catch(() => undefined);
    await database.release();
    throw error;
  }
}

async function migrateShared(app: INestApplication): Promise<void> {
  const { error } = await app.get(SchemaMigrator).migrateShared();
  if (error) throw error;
}

async function banner(
  app: INestApplication,
  database: OpenDatabase,
  { tenantHeader, nodeEnv }: Environment,
): Promise<string> {
  const registry = app.get(ClientRegistry);
  return startUpBanner({
    url: await app.getUrl(),
    database: database.description,
    tenantHeader,
    tenants: await registry.count(),
    // With a tenant's uuid anyone may read an open tenant: a log of production is no place for it.
    tenantToTry: nodeEnv === 'production' ? undefined : await firstTenant(registry),
  });
}

async function firstTenant(registry: ClientRegistry): Promise<string | undefined> {
  for await (const { id } of registry.schemas()) return id;
  return undefined;
}

main().catch((error: unknown) => {
  process.stderr.write(`${startUpProblem(error)}\n`);
  process.exitCode = 1;
});
