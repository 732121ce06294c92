import type { Type } from '@nestjs/common';

/** Gives a command the application's services; the composition implements it. */
export abstract class CliRuntime {
  /**
   * Opens the database, runs `work` with a service of the application, and closes everything again.
   * Nothing is opened before: help and wrong usage cost no server.
   *
   * @throws Error what opening or `work` throws
   */
  abstract use<S, R>(service: Type<S>, work: (service: S) => Promise<R>): Promise<R>;

  /**
   * The same, for work that reads the shared schema.
   *
   * @throws Error saying how to migrate it, when it is behind this code
   */
  abstract useUpToDate<S, R>(service: Type<S>, work: (service: S) => Promise<R>): Promise<R>;

  /** The same, with the shared schema brought up to date first, as the server does when it starts. */
  abstract useMigrated<S, R>(service: Type<S>, work: (service: S) => Promise<R>): Promise<R>;
}
