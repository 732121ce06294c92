export interface EmbeddedPostgresOptions {
  /**
   * Directory that holds the data, made if missing; what is kept in it lies in its sub-directory `postgres`. Relative paths
   * are resolved when it is acquired. One server for each such directory: all who name it share it.
   */
  readonly dataDir: string;
  /**
   * Server settings by name, e.g. `{ fsync: 'off' }` for data that may be lost (the cluster is then also made without
   * syncing). They count only for the one that starts the server; who joins a running one takes it as it is. The address,
   * port, socket directory and `cluster_name` cannot be set. Default: PostgreSQL's own, with `max_connections` 200.
   */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Prepares the login and its database for tenants with roles of their own: the login inherits nothing, and `set_config`
   * is not everybody's. It stays so. Default false.
   */
  readonly hasTenantRoles?: boolean;
  /**
   * Starts the server again whenever its process has ended, until `release()`. Only for programs that run long: a command
   * fails with its statement. Default false.
   */
  readonly isKeptRunning?: boolean;
  /** Takes a line on each thing done that a person may want to know of (cluster made, started, stopped). Default: none. */
  readonly log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /**
   * `postgres://` URL of the application's login and its database, which the login owns. It contains the password, so do not log it.
   * It stays the same after a restart, unless another process uses the port.
   */
  readonly url: string;
  /** For the start-up banner, e.g. `embedded PostgreSQL 18.4, port 54321, data in .data`. */
  readonly description: string;
  /**
   * Gives the server up; the last one out stops it and waits until it is stopped. Close connections first: a stop breaks
   * those that are left. Further calls return the same promise.
   *
   * @throws EmbeddedPostgresError `STOP_FAILED` or `LOCK_TIMEOUT`.
   */
  release(): Promise<void>;
}
