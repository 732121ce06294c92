import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

const ROOT = join(import.meta.dirname, '../..');

/** Returns the address of the server of TEST_DATABASE_URL or of an embedded one, and what stops it. */
export async function startServer(dataDir) {
  const { TEST_DATABASE_URL: url } = process.env;
  if (url) return { url, release: () => undefined };
  // Other processes may use a build that is there.
  if (!existsSync(join(ROOT, 'packages/embedded-postgres-server/dist'))) {
    const build = ['scripts/build/build-packages.js', 'embedded-postgres-server'];
    execFileSync(process.execPath, build, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  }
  const { acquireEmbeddedPostgres } = await import('embedded-postgres-server');
  return acquireEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } });
}

/** Creates an empty database on a server. Returns its address, what runs a statement in it, and what drops it. */
export async function createDatabase(server) {
  const name = `example_${randomBytes(4).toString('hex')}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    query: (statement) => execute(url.href, statement),
    drop: () => execute(server, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

async function execute(url, statement) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
