// Packs the engine and installs the tarball into a copy of each example, as a user installs it from npm. Then runs the
// example's test, on the server of TEST_DATABASE_URL or on an embedded PostgreSQL.
// Usage: node scripts/test-examples.js [<example>…]
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from './example-server.js';
import { packEngine } from './pack-engine.js';

const EXAMPLES = join(import.meta.dirname, '../examples');

/** What an example's folder has after its test was run in place. */
const isSource = (path) => !/\/(?:node_modules|dist|package-lock\.json)$/.test(path);

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
