import type { Environment } from '../../src/config/environment.interface.js';

/** What every variant is given. */
export interface Setting {
  readonly databaseUrl: string;
  readonly environment: Environment;
  /** Whose schema a single-tenant application works in. */
  readonly schema: string;
}

/** A variant that listens. */
export interface Served {
  readonly url: string;
  close(): Promise<void>;
}
