import 'reflect-metadata';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { ClientRegistry } from './clients/registry/client-registry.js';
import { isFirst, isPrimary, superviseWorkers } from './cluster.js';
import { readEnvironment } from './config/environment.js';
import type { Environment } from './config/environment.interface.js';
import { jwtSecretsOf } from './config/jwt-secrets.js';
import { readOrMakeKeptSecret } from './config/kept-secret.js';
import { type OpenDatabase, openDatabase } from './database/open-database.js';
import { allowOrigins } from './http/server/allow-origins.js';
import { drain } from './http/server/drain.js';
import { createFastifyAdapter } from './http/server/fastify-adapter.js';
import { NestLogger } from './http/log/nest-logger.js';
import { readableStream } from './http/log/readable-stream.js';
import { serveDocs } from './http/openapi/serve-docs.js';
import { startUpBanner } from './http/server/start-up-banner.js';
import { startUpProblem } from './http/server/start-up-problem.js';
import { stopOnSignals } from './http/server/stop-on-signals.js';
import { SchemaMigrator } from 'nest-tenant-schemas';

/** Characters of the shortest operator key without a warning. */
const SAFE_KEY_LENGTH = 32;

/** Opens the database, migrates the shared schema, and then serves HTTP until a signal. */
async function main(): Promise<void> {
  const environment = readEnvironment();
  const adapter = createFastifyAdapter({
    log: {
      level: environment.logLevel,
      stream: environment.nodeEnv === 'production' ? undefined : readableStream(process.stdout),
    },
    trustProxy: environment.trustProxy,
    tenantHeader: environment.tenantHeader,
  });
  const logger = new NestLogger(adapter.getInstance().log);
  if (isPrimary(environment)) return superviseWorkers(environment, logger);
  const database = await openDatabase(environment, (line) => logger.log(line, 'Database'), {
    isKeptRunning: true,
  });
  let app: NestFastifyApplication | undefined;
  try {
    const jwtSecrets = await jwtSecretsOf(environment);
    const operatorKey =
      environment.operatorKey ?? (await readOrMakeKeptSecret(environment.dataDir, 'operator-key'));
    app = await NestFactory.create<NestFastifyApplication>(
      AppModule.forRoot({ ...environment, operatorKey, jwtSecrets }, database.url),
      adapter,
      { logger, abortOnError: false },
    );
    allowOrigins(app, environment.corsOrigins);
    serveDocs(app, environment.tenantHeader);
    await app.init();
    await migrateShared(app);
    await listen(app, database, environment);
    if (isFirst()) {
      warnOfShortKey(environment, logger);
      process.stdout.write(await banner(app, database, environment, operatorKey));
    }
  } catch (error) {
    // Closing a half-started application may also fail. Only the first error is reported.
    await app?.close().catch(() => undefined);
    await database.release();
    throw error;
  }
}

/** Warns of a short operator key in production. An attacker who guesses the key can change every tenant. */
function warnOfShortKey({ nodeEnv, operatorKey = '' }: Environment, logger: NestLogger): void {
  if (nodeEnv !== 'production' || operatorKey.length >= SAFE_KEY_LENGTH) return;
  logger.warn(
    `OPERATOR_KEY has fewer than ${SAFE_KEY_LENGTH} characters. Generate a longer key: openssl rand -base64 32`,
    'Operators',
  );
}

async function listen(
  app: INestApplication,
  database: OpenDatabase,
  { port, host, shutdownTimeoutMs }: Environment,
): Promise<void> {
  // Before listen(): the primary may send STOP to a worker as soon as it listens.
  stopOnSignals(() => drain(app, shutdownTimeoutMs, () => database.release()));
  await app.listen(port, host);
}

async function migrateShared(app: INestApplication): Promise<void> {
  const { error } = await app.get(SchemaMigrator).migrateShared();
  if (error) throw error;
}

async function banner(
  app: INestApplication,
  database: OpenDatabase,
  environment: Environment,
  operatorKey: string,
): Promise<string> {
  const { tenantHeader, nodeEnv } = environment;
  const registry = app.get(ClientRegistry);
  return startUpBanner({
    url: await app.getUrl(),
    database: database.description,
    tenantHeader,
    // The banner shows a generated key only. The operator already knows OPERATOR_KEY.
    operatorKey: environment.operatorKey === undefined ? operatorKey : undefined,
    tenants: await registry.count(),
    // Anyone with its uuid can read an open tenant, so a log of production must not show one.
    tenantToTry: nodeEnv === 'production' ? undefined : await firstTenant(registry),
  });
}

async function firstTenant(registry: ClientRegistry): Promise<string | undefined> {
  for await (const { id } of registry.all()) return id;
  return undefined;
}

main().catch((error: unknown) => {
  process.stderr.write(`${startUpProblem(error)}\n`);
  process.exitCode = 1;
  // The channel to the primary would keep a worker alive.
  process.channel?.unref();
});
