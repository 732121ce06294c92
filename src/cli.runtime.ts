import { userInfo } from 'node:os';
import { type INestApplicationContext, Injectable, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import type { Actor } from './audit/actor.interface.js';
import {
  type CliRuntime,
  type CliRuntimeOptions,
  type CliWork,
  printProblem,
  reportUnfinished,
  undoBuilds,
} from 'nest-tenant-schemas/commands';
import { readEnvironment } from './config/environment.js';
import { withoutLimits } from './database/data-source-options.js';
import { openDatabase } from './database/open-database.js';
import { DataSource } from 'typeorm';
import { SchemaMigrator } from 'nest-tenant-schemas';

/** What shells expect of a process that a signal ended: 128 and the signal's number. */
const EXIT_CODE_OF_SIGNAL = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Opens the application without HTTP for the time of one piece of work. */
@Injectable()
export class ApplicationCliRuntime implements CliRuntime {
  use<S, R>(service: Type<S>, work: CliWork<S, R>, options?: CliRuntimeOptions): Promise<R> {
    return this.open((app, interruption) => work(app.get(service), interruption), options);
  }

  useUpToDate<S, R>(
    service: Type<S>,
    work: CliWork<S, R>,
    options?: CliRuntimeOptions,
  ): Promise<R> {
    return this.open(async (app, interruption) => {
      const { pending } = await app.get(SchemaMigrator).sharedStatus();
      if (pending.length > 0) {
        throw new Error(
          `The shared schema is behind (${pending.length} pending: ${pending.join(', ')}). ` +
            'Run: tenant-schemas migrate-schemas --shared',
        );
      }
      return work(app.get(service), interruption);
    }, options);
  }

  useMigrated<S, R>(service: Type<S>, work: CliWork<S, R>): Promise<R> {
    return this.open(async (app, interruption) => {
      const { error } = await app.get(SchemaMigrator).migrateShared();
      if (error) throw error;
      return work(app.get(service), interruption);
    });
  }

  private async open<R>(
    work: CliWork<INestApplicationContext, R>,
    { connections = 0 }: CliRuntimeOptions = {},
  ): Promise<R> {
    const environment = readEnvironment();
    const databasePoolSize = Math.max(environment.databasePoolSize, connections);
    const databaseUrl = environment.databaseDirectUrl ?? environment.databaseUrl;
    const opening = openDatabase({ ...environment, databaseUrl }, printProblem);
    let app: INestApplicationContext | undefined;
    const interruption = onInterruption({
      undo: async () => app && undoBuilds(app.get(DataSource)),
      // Only an embedded server has to be given up, and so awaited even while it starts.
      release: async () => databaseUrl === undefined && (await opening).release(),
      report: () => app && reportUnfinished(app.get(DataSource)),
    });
    try {
      const database = await opening;
      try {
        app = await NestFactory.createApplicationContext(
          AppModule.forRoot(
            withoutLimits({ ...environment, databasePoolSize }),
            database.url,
            actor(),
          ),
          // What fails is thrown, and told in words; a log would add a stack.
          { logger: false, abortOnError: false },
        );
        return await work(app, interruption.leaveToWork);
      } finally {
        await app?.close().catch((error: unknown) => printProblem(String(error)));
        await database.release();
      }
    } finally {
      await interruption.settled();
    }
  }
}

/** Who runs which command. Not what it is given: that may be a secret. */
function actor(): Actor {
  const command = process.argv.slice(2).find((word) => !word.startsWith('-'));
  return { name: `os user ${userName()}`, via: command ?? 'command' };
}

/** An account may be a number alone, as in a container. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}

/**
 * On a signal: undoes what several transactions have made, gives up what is held, and ends the process. The server rolls
 * back a single transaction as its connection ends. A second signal ends the process at once.
 */
function onInterruption({ undo, release, report }: OnInterruption): Interruption {
  const work = new AbortController();
  let isLeftToWork = false;
  let isInterrupted = false;
  let exitCode: number | undefined;
  const listeners = Object.entries(EXIT_CODE_OF_SIGNAL).map(([signal, code]) => {
    const listener = (): void => {
      exitCode = code;
      if (isLeftToWork && !work.signal.aborted) return work.abort();
      if (isInterrupted) {
        report();
        process.exit(code);
      }
      isInterrupted = true;
      undo()
        .then(release)
        .catch((error: unknown) => printProblem(String(error)))
        .finally(() => process.exit(code));
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return {
    leaveToWork() {
      isLeftToWork = true;
      return work.signal;
    },
    async settled() {
      // What the signal broke off is no failure to tell.
      if (isInterrupted) await new Promise(() => undefined);
      if (exitCode !== undefined) process.exit(exitCode);
      for (const stopListening of listeners) stopListening();
    },
  };
}

interface OnInterruption {
  /** Undoes work, within a time limit. */
  readonly undo: () => Promise<unknown>;
  /** Gives up what is held. */
  readonly release: () => Promise<unknown>;
  /** Reports what is not undone, before the process ends at once. */
  readonly report: () => void;
}

interface Interruption {
  /** Leaves the first signal from now on to the work. */
  readonly leaveToWork: () => AbortSignal;
  /** Once the work is over: leaves signals alone, or, after one, the end to its listener, or ends. */
  readonly settled: () => Promise<void>;
}
