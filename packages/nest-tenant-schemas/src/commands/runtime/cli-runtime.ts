import type { INestApplicationContext, Type } from '@nestjs/common';
import { SchemaBuilds, SchemaMigrator } from '../../index.js';
import { closeApplication } from './close-application.js';
import { onInterruption } from './interruption.js';
import { Releases } from './releases.js';
import { reportUnfinished, undoBuilds } from './undo-builds.js';

/**
 * Works with a service of the application.
 *
 * @param interruption for work that ends early by itself. After the call the first Ctrl-C (SIGTERM, SIGHUP) only aborts
 *   the returned signal. The process ends with the exit code of that signal once the work is over. A second Ctrl-C
 *   breaks the work off, as the first one does in all other work.
 */
export type CliWork<S, R> = (service: S, interruption: () => AbortSignal) => Promise<R>;

export interface CliRuntimeOptions {
  /** Connections that the work needs at once. Default: as many as the application has. */
  readonly connections?: number | undefined;
  /**
   * Whether the work accepts an application without `TenantModule`. Its DataSource must then not change the database when it
   * connects. Default false.
   */
  readonly allowsSingleTenant?: boolean;
}

/**
 * Creates the application for one command: `NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false })`.
 * Without these options Nest logs an error and ends the process, before the command can report it.
 *
 * @param options what the command needs
 * @param onEnd registers what is released after the application is closed, or if a signal ends the command. Call it
 *   before the first `await`.
 */
export type OpenApplication = (
  options: CliRuntimeOptions,
  onEnd: (release: () => Promise<unknown>) => void,
) => Promise<INestApplicationContext>;

/** Opens the application for the time of one piece of work. Help and wrong usage do not open it. */
export class CliRuntime {
  constructor(private readonly openApplication: OpenApplication) {}

  /**
   * Opens the application, runs `work` with one of its services, and closes it.
   *
   * @throws Error any error of opening, or of `work`
   */
  use<S, R>(service: Type<S>, work: CliWork<S, R>, options?: CliRuntimeOptions): Promise<R> {
    return this.open((app, interruption) => work(app.get(service), interruption), options);
  }

  /**
   * Runs `work` that reads the shared schema.
   *
   * @throws Error when the shared schema is behind this code, with the command that migrates it
   */
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

  /** Runs `work` after it has migrated the shared schema, as the server does at its start. */
  useMigrated<S, R>(service: Type<S>, work: CliWork<S, R>): Promise<R> {
    return this.open(async (app, interruption) => {
      const { error } = await app.get(SchemaMigrator).migrateShared();
      if (error) throw error;
      return work(app.get(service), interruption);
    });
  }

  private async open<R>(
    work: CliWork<INestApplicationContext, R>,
    options: CliRuntimeOptions = {},
  ): Promise<R> {
    let app: INestApplicationContext | undefined;
    const releases = new Releases();
    const interruption = onInterruption({
      undo: async () => undoBuilds(buildsOf(app)),
      release: () => releases.run(),
      report: () => reportUnfinished(buildsOf(app)),
    });
    try {
      try {
        app = await this.openApplication(options, (release) => releases.add(release));
        return await work(app, interruption.leaveToWork);
      } finally {
        if (app) await closeApplication(app);
        await releases.run();
      }
    } finally {
      await interruption.settled();
    }
  }
}

/** Returns the builds of an application, none if it is not open or has no `TenantModule`. */
function buildsOf(
  app: INestApplicationContext | undefined,
): Pick<SchemaBuilds, 'unfinished' | 'abort'> {
  try {
    return app?.get(SchemaBuilds, { strict: false }) ?? NO_BUILDS;
  } catch {
    return NO_BUILDS;
  }
}

const NO_BUILDS = { unfinished: [], abort: () => Promise.resolve() };
