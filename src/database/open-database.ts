import type { Environment } from '../config/environment.interface.js';
import { awaitDatabase } from './await-database.js';
import { acquireEmbeddedPostgres } from 'embedded-postgres-server';

type DatabaseSettings = Pick<Environment, 'databaseUrl' | 'dataDir' | 'tenantIsolation'>;

/** A database server, which the process uses until it calls `release()`. */
export interface OpenDatabase {
  readonly url: string;
  /** Line for the start-up banner, without a password. */
  readonly description: string;
  /** Releases the embedded server. The last process that releases it stops it. */
  release(): Promise<void>;
}

/**
 * Opens the server of `DATABASE_URL`. Without `DATABASE_URL` it opens the embedded server of `DATA_DIR`, and starts it if needed.
 *
 * @param report receives lines for the operator: failed attempts, and the start of a server
 * @param options `isKeptRunning` restarts the embedded server if it ends. For processes that run long
 * @throws Error with the next action, if the server cannot be reached or started
 */
export async function openDatabase(
  { databaseUrl, dataDir, tenantIsolation }: DatabaseSettings,
  report: (line: string) => void,
  { isKeptRunning = false }: { readonly isKeptRunning?: boolean } = {},
): Promise<OpenDatabase> {
  if (databaseUrl === undefined) {
    const hasTenantRoles = tenantIsolation === 'role';
    return acquireEmbeddedPostgres({ dataDir, hasTenantRoles, isKeptRunning, log: report });
  }
  await awaitDatabase(databaseUrl, report);
  const { host, pathname } = new URL(databaseUrl);
  return {
    url: databaseUrl,
    description: `PostgreSQL at ${host}, database ${decodeURIComponent(pathname.slice(1))}`,
    release: () => Promise.resolve(),
  };
}
