import type { Type } from '@nestjs/common';

/**
 * Works with a service of the application.
 *
 * @param interruption returns a signal for work that can end early. After its call, the first Ctrl-C
 *   (SIGTERM, SIGHUP) only aborts this signal. The process then ends after the work, with the exit code of
 *   Ctrl-C. A second one ends the work at once, like the first does in other work.
 */
export type CliWork<S, R> = (service: S, interruption: () => AbortSignal) => Promise<R>;

export interface CliRuntimeOptions {
  /** The number of connections that the work needs at once. Default: the minimum, from the environment. */
  readonly connections?: number | undefined;
}

/** Provides the application's services to a command. The application implements it. */
export abstract class CliRuntime {
  /**
   * Opens the database, runs `work` with a service of the application, and closes everything. Help and wrong
   * usage open nothing.
   *
   * @throws Error any error of opening, or of `work`
   */
  abstract use<S, R>(
    service: Type<S>,
    work: CliWork<S, R>,
    options?: CliRuntimeOptions,
  ): Promise<R>;

  /**
   * Runs `work` that reads the shared schema.
   *
   * @throws Error when the shared schema is behind this code, with the command that migrates it
   */
  abstract useUpToDate<S, R>(
    service: Type<S>,
    work: CliWork<S, R>,
    options?: CliRuntimeOptions,
  ): Promise<R>;

  /** Runs `work` after it has migrated the shared schema, like the server does at its start. */
  abstract useMigrated<S, R>(service: Type<S>, work: CliWork<S, R>): Promise<R>;
}
