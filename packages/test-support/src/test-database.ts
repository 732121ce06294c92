import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { testServer } from './test-server.js';

/** A database of one spec file. Its search path is empty, as for the application. */
export interface TestDatabase {
  readonly name: string;
  /** Address for the application. It leads to PgBouncer if the Jest project uses PgBouncer. */
  readonly url: string;
  /** Address of the server itself, for set-up and assertions. */
  readonly directUrl: string;
  /** Runs SQL on the server itself and returns the rows of the last statement. */
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Makes CREATE DATABASE copy the template's files instead of logging each page, which takes a third of the time.
 * https://www.postgresql.org/docs/current/sql-createdatabase.html
 */
export const AS_COPY = 'STRATEGY file_copy';

/** Tests drop only databases of this prefix. */
export const TEST_DATABASE_PREFIX = 'nts_test_';

/** Creates a database that `drop()` removes, connections on it included. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = testServer();
  const name = `${TEST_DATABASE_PREFIX}${process.pid}_${randomBytes(4).toString('hex')}`;
  await once(
    server.directUrl,
    `CREATE DATABASE ${name} ${AS_COPY}`,
    `ALTER DATABASE ${name} SET search_path = ''`,
  );
  const directUrl = withDatabase(server.directUrl, name);
  const observer = new Observer(directUrl);
  return {
    name,
    url: withDatabase(server.url, name),
    directUrl,
    sql: (text, values) => observer.sql(text, values),
    async drop() {
      await observer.end();
      // A worker of the server, such as autovacuum, may use the database for a moment. This login may not end it.
      for (;;) {
        const error: unknown = await once(
          server.directUrl,
          `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`,
        ).catch((reason: unknown) => reason);
        if (error === undefined) return;
        if ((error as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) throw error;
      }
    },
  };
}

/** Reads a database directly, without the application. */
export class Observer {
  private readonly pool: pg.Pool;

  constructor(url: string) {
    this.pool = new pg.Pool({ connectionString: url, max: 2 });
    // Dropping the database ends idle connections of the observer. The test must not fail because of it.
    this.pool.on('error', () => undefined);
  }

  /** Runs SQL and returns the rows of the last statement. */
  async sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]> {
    const result = (await this.pool.query(text, values)) as unknown as
      pg.QueryResult | pg.QueryResult[];
    return (Array.isArray(result) ? result.at(-1) : result)?.rows as Row[];
  }

  end(): Promise<void> {
    return this.pool.end();
  }
}

/** Runs statements on a new connection, each in its own transaction. */
export async function once(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Returns an address with another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
}
