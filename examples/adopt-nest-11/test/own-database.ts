import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** Creates a database for one test file, names it in DATABASE_URL, and returns what drops it. */
export async function useOwnDatabase(): Promise<() => Promise<void>> {
  const { DATABASE_URL: server = '' } = process.env;
  const name = `adopt_${randomBytes(4).toString('hex')}`;
  await run(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  process.env.DATABASE_URL = url.href;
  return () => run(server, `DROP DATABASE ${name} WITH (FORCE)`);
}

/** Runs a statement on a database. */
export async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
