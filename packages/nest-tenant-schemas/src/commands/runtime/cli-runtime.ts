import type { Type } from '@nestjs/common';

/**
 * Work with a service of the application.
 *
 * @param interruption called by work that ends early by itself: from then on the first Ctrl-C (SIGTERM,
 *   SIGHUP) only aborts the signal that it returns, and the process ends, by that signal's exit code, when
 *   the work is over. A second one breaks the work off, as the first does in all other work.
 */
export type CliWork<S, R> = (service: S, interruption: () => AbortSignal) => Promise<R>;

export interface CliRuntimeOptions {
  /** Connections that the work needs at once. Default: those of the environment, which are the least. */
  readonly connections?: number | undefined;
}

/** Gives a command the application's services; the composition implements it. */
export abstract class CliRuntime {
  /**
   * Opens the database, runs `work` with a service of the application, and closes everything again.
   * Nothing is opened before: help and wrong usage cost no server.
   *
   * @throws Error what opening or `work` throws
   */
  abstract use<S, R>(
    service: Type<S>,
    work: CliWork<S, R>,
    options?: CliRuntimeOptions,
  ): Promise<R>;

  /**
   * The same, for work that reads the shared schema.
   *
   * @throws Error saying how to migrate it, when it is behind this code
   */
  abstract useUpToDate<S, R>(
    service: Type<S>,
    work: CliWork<S, R>,
    options?: CliRuntimeOptions,
  ): Promise<R>;

  /** The same, with the shared schema brought up to date first, as the server does when it starts. */
  abstract useMigrated<S, R>(service: Type<S>, work: CliWork<S, R>): Promise<R>;
}
