// Packs the engine and installs the tarball into a copy of each example, as a user installs it from npm. Then runs the
// example's test, on the server of TEST_DATABASE_URL or on an embedded PostgreSQL.
// Usage: node scripts/test-examples.js [<example>…]
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packEngine } from './pack-engine.js';

const ROOT = join(import.meta.dirname, '..');
const EXAMPLES = join(ROOT, 'examples');

/** What an example's folder has after its test was run in place. */
const isSource = (path) => !/\/(?:node_modules|dist|package-lock\.json)$/.test(path);

/** Returns the address of a server, and what stops it. */
async function startServer(dataDir) {
  const { TEST_DATABASE_URL: url } = process.env;
  if (url) return { url, release: () => undefined };
  // Other processes may use a build that is there.
  if (!existsSync(join(ROOT, 'packages/embedded-postgres-server/dist'))) {
    const build = ['scripts/build-packages.js', 'embedded-postgres-server'];
    execFileSync(process.execPath, build, { cwd: ROOT, stdio: 'inherit' });
  }
  const { acquireEmbeddedPostgres } = await import('embedded-postgres-server');
  return acquireEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } });
}

/** Returns whether the example can be installed and passes its test. */
function passes(example, tarball, url, copy) {
  cpSync(join(EXAMPLES, example), copy, { recursive: true, filter: isSource });
  const commands = [['install', '--no-audit', '--no-fund', tarball], ['test']];
  return commands.every((args) => {
    process.stdout.write(`== ${example}: npm ${args[0]}\n`);
    const env = { ...process.env, DATABASE_URL: url };
    return spawnSync('npm', args, { cwd: copy, env, stdio: 'inherit' }).status === 0;
  });
}

const folder = mkdtempSync(join(tmpdir(), 'tenant-schemas-examples-'));
const chosen = process.argv.slice(2);
const examples = chosen.length > 0 ? chosen : readdirSync(EXAMPLES).toSorted();
try {
  const tarball = packEngine(folder);
  const server = await startServer(join(folder, 'data'));
  try {
    const failed = examples.filter(
      (example) => !passes(example, tarball, server.url, join(folder, example)),
    );
    if (failed.length > 0) {
      process.stderr.write(`Examples that failed: ${failed.join(', ')}\n`);
      process.exitCode = 1;
    }
  } finally {
    await server.release();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
