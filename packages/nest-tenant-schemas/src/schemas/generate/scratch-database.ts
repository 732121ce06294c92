import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { inDatabase } from '../../connection/pool/server-address.js';
import { forEachTimeLimit, NO_TIME_LIMIT_IN_SESSION } from '../catalog/time-limits.js';
import { type InstalledExtension, READ_EXTENSIONS } from './scratch-extensions.js';

/** Begins the names of scratch databases. Only a killed process leaves one, and it can be dropped. */
export const SCRATCH_DATABASE_PREFIX = 'tenant_schemas_scratch_';

/**
 * Runs work on a new, empty database. The placeholder is a real schema there, and the login's search path is
 * empty. It always drops the database afterwards.
 *
 * The database is a copy of `template0`, so its contents depend on the migrations alone. Every server has UTF8 and the C locale, and allows the
 * two together.
 * https://www.postgresql.org/docs/current/manage-ag-templatedbs.html
 *
 * @param server settings of a connection to the application's database, with a login that may create databases
 * @param work receives the settings for the scratch database, and the extensions of the application's database
 */
export async function withScratchDatabase<T>(
  server: pg.ClientConfig,
  work: (scratch: pg.ClientConfig, extensions: readonly InstalledExtension[]) => Promise<T>,
): Promise<T> {
  const name = `${SCRATCH_DATABASE_PREFIX}${randomBytes(8).toString('hex')}`;
  const scratch = inDatabase(server, name);
  const extensions = await runStatements(server, [
    `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`,
    READ_EXTENSIONS,
  ]);
  const drop = async (): Promise<void> => {
    await runStatements(server, [`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`]);
  };
  let result: T;
  try {
    await runStatements(scratch, [
      // The login's setting for this database precedes all others, and is dropped with the database.
      `ALTER ROLE CURRENT_USER IN DATABASE ${name} SET search_path TO ''`,
      forEachTimeLimit((limit) => `ALTER ROLE CURRENT_USER IN DATABASE ${name} SET ${limit} TO 0`),
      `CREATE SCHEMA ${quoteIdentifier(TENANT_SCHEMA)}`,
    ]);
    result = await work(scratch, extensions as InstalledExtension[]);
  } catch (error) {
    // If the server is gone, the database cannot be dropped. The first error is the one to report.
    await drop().catch(() => undefined);
    throw error;
  }
  await drop();
  return result;
}

/** Runs statements on a connection of their own. Returns the rows of the last one. */
async function runStatements(
  config: pg.ClientConfig,
  statements: readonly string[],
): Promise<unknown[]> {
  const client = new pg.Client(config);
  // If the connection breaks between statements, the next statement reports it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(NO_TIME_LIMIT_IN_SESSION);
    let rows: unknown[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}
