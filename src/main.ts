import 'reflect-metadata';
import { type INestApplication, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { ClientRegistry } from './clients/client-registry.js';
import { readEnvironment } from './config/environment.js';
import { type Environment, LOG_LEVELS } from './config/environment.interface.js';
import { type OpenDatabase, openDatabase } from './database/open-database.js';
import { createFastifyAdapter } from './http/fastify-adapter.js';
import { stopOnSignals } from './http/stop-on-signals.js';
import { SchemaMigrator } from './tenancy/index.js';

/** Serves until a signal: the database, the shared schema, HTTP, in this order. */
async function main(): Promise<void> {
  const environment = readEnvironment();
  const database = await openDatabase(environment, (line) => new Logger('Database').log(line));
  try {
    const app = await createApplication(environment, database.url);
    await migrateShared(app);
    await app.listen(environment.port, environment.host);
    stopOnSignals(app, environment.shutdownTimeoutMs, () => database.release());
    process.stdout.write(await banner(app, database));
  } catch (error) {
    await database.release();
    throw error;
  }
}

function createApplication(
  environment: Environment,
  databaseUrl: string,
): Promise<NestFastifyApplication> {
  return NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(environment, databaseUrl),
    createFastifyAdapter(),
    {
      logger: LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(environment.logLevel) + 1),
      abortOnError: false,
    },
  );
}

async function migrateShared(app: INestApplication): Promise<void> {
  await app.init();
  const { error } = await app.get(SchemaMigrator).migrateShared();
  if (error) throw error;
}

async function banner(app: INestApplication, database: OpenDatabase): Promise<string> {
  const url = await app.getUrl();
  const tenants = await app.get(ClientRegistry).count();
  return [
    '',
    `  API       ${url}`,
    `  Database  ${database.description}`,
    `  Tenants   ${tenants}`,
    '',
    '  Create a tenant in another terminal:',
    '    npm run -s cli -- create-tenant --name Pollsmaster --schema pollsmaster',
    '',
    '',
  ].join('\n');
}

main().catch((error: unknown) => {
  process.stderr.write(`${startUpProblem(error)}\n`);
  process.exitCode = 1;
});

/** What went wrong, for a person at a terminal: no stack, with what to do. */
function startUpProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as { code?: unknown; port?: unknown };
  if (code === 'EADDRINUSE') {
    return `Port ${String(port)} is in use. Stop what listens there, or set PORT to another one.`;
  }
  return error.message;
}
