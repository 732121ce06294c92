import { type INestApplicationContext, Injectable, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import type { CliRuntime } from './commands/cli-runtime.js';
import { readEnvironment } from './config/environment.js';
import { openDatabase } from './database/open-database.js';
import { SchemaMigrator } from './tenancy/index.js';

/** What shells expect of a process that a signal ended: 128 and the signal's number. */
const EXIT_CODE_OF_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;

/** Opens the application without HTTP for the time of one piece of work. */
@Injectable()
export class ApplicationCliRuntime implements CliRuntime {
  use<S, R>(service: Type<S>, work: (service: S) => Promise<R>): Promise<R> {
    return this.open((app) => work(app.get(service)));
  }

  useMigrated<S, R>(service: Type<S>, work: (service: S) => Promise<R>): Promise<R> {
    return this.open(async (app) => {
      const { error } = await app.get(SchemaMigrator).migrateShared();
      if (error) throw error;
      return work(app.get(service));
    });
  }

  private async open<R>(work: (app: INestApplicationContext) => Promise<R>): Promise<R> {
    const environment = readEnvironment();
    const database = await openDatabase(
      { ...environment, databaseUrl: environment.databaseDirectUrl ?? environment.databaseUrl },
      (line) => process.stderr.write(`${line}\n`),
    );
    // Interrupted work is rolled back by the server as its connection ends; the server itself is given up.
    for (const [signal, code] of Object.entries(EXIT_CODE_OF_SIGNAL)) {
      process.once(signal, () => {
        database.release().finally(() => process.exit(code));
      });
    }
    let app: INestApplicationContext | undefined;
    try {
      app = await NestFactory.createApplicationContext(
        AppModule.forRoot(environment, database.url),
        { logger: ['fatal', 'error'], abortOnError: false },
      );
      return await work(app);
    } finally {
      await app?.close();
      await database.release();
    }
  }
}
