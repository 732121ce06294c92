import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { forEachTimeLimit, NO_TIME_LIMIT_IN_SESSION } from '../catalog/time-limits.js';

/** Begins the names of scratch databases. Only a killed process leaves one, and it can be dropped. */
export const SCRATCH_DATABASE_PREFIX = 'tenant_schemas_scratch_';

/**
 * Runs work on a new, empty database. The placeholder is a real schema there, and the login's search path is
 * empty. It always drops the database afterwards.
 *
 * The database is a copy of `template0`, so its contents depend on the migrations alone. It lacks extensions
 * of `template1` and of the application's database. Every server has UTF8 and the C locale, and allows the
 * two together.
 * https://www.postgresql.org/docs/current/manage-ag-templatedbs.html
 *
 * @param url address of the server, with a login that may create databases
 * @param work receives the address of the scratch database
 */
export async function withScratchDatabase<T>(
  url: string,
  work: (scratchUrl: string) => Promise<T>,
): Promise<T> {
  const name = `${SCRATCH_DATABASE_PREFIX}${randomBytes(8).toString('hex')}`;
  const scratchUrl = withDatabase(url, name);
  await runStatements(url, [
    `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`,
  ]);
  const drop = (): Promise<void> =>
    runStatements(url, [`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`]);
  let result: T;
  try {
    await runStatements(scratchUrl, [
      // The login's setting for this database precedes all others, and is dropped with the database.
      `ALTER ROLE CURRENT_USER IN DATABASE ${name} SET search_path TO ''`,
      forEachTimeLimit((limit) => `ALTER ROLE CURRENT_USER IN DATABASE ${name} SET ${limit} TO 0`),
      `CREATE SCHEMA ${quoteIdentifier(TENANT_SCHEMA)}`,
    ]);
    result = await work(scratchUrl);
  } catch (error) {
    // If the server is gone, the database cannot be dropped. The first error is the one to report.
    await drop().catch(() => undefined);
    throw error;
  }
  await drop();
  return result;
}

async function runStatements(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  // If the connection breaks between statements, the next statement reports it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(NO_TIME_LIMIT_IN_SESSION);
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
}
