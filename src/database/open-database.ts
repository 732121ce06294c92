import type { Environment } from '../config/environment.interface.js';
import { awaitDatabase } from './await-database.js';
import { acquireEmbeddedPostgres } from 'embedded-postgres-server';

type DatabaseSettings = Pick<Environment, 'databaseUrl' | 'dataDir' | 'tenantIsolation'>;

/** A server that the process may use until it releases it. */
export interface OpenDatabase {
  readonly url: string;
  /** One line for people, without a password. */
  readonly description: string;
  /** Gives up the embedded server; the last process out stops it. */
  release(): Promise<void>;
}

/**
 * The server of `DATABASE_URL`, or else the embedded one of `DATA_DIR`, started or joined.
 *
 * @param tell takes a line on what a person may want to know: attempts that failed, a server started
 * @param options `isKeptRunning`: starts the embedded server again if it ends, for a process that runs long
 * @throws Error when the server cannot be reached or started, saying what to do
 */
export async function openDatabase(
  { databaseUrl, dataDir, tenantIsolation }: DatabaseSettings,
  tell: (line: string) => void,
  { isKeptRunning = false }: { readonly isKeptRunning?: boolean } = {},
): Promise<OpenDatabase> {
  if (databaseUrl === undefined) {
    const hasTenantRoles = tenantIsolation === 'role';
    return acquireEmbeddedPostgres({ dataDir, hasTenantRoles, isKeptRunning, log: tell });
  }
  await awaitDatabase(databaseUrl, tell);
  const { host, pathname } = new URL(databaseUrl);
  return {
    url: databaseUrl,
    description: `PostgreSQL at ${host}, database ${decodeURIComponent(pathname.slice(1))}`,
    release: () => Promise.resolve(),
  };
}
