// Packs the engine and installs the tarball into a copy of each example, as a user installs it from npm. Then runs the
// example's test, on the server of TEST_DATABASE_URL or on an embedded PostgreSQL.
// Usage: node scripts/examples/test-examples.js [<example>…]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from './example-server.js';
import { packEngine } from '../build/pack-engine.js';

const EXAMPLES = join(import.meta.dirname, '../../examples');

/** What an example's folder has after its test was run in place. */
const isSource = (path) => !/\/(?:node_modules|dist|package-lock\.json)$/.test(path);

/** Each example uses one processor at most, and waits for npm. */
const AT_ONCE = 2;

/** Returns whether the example can be installed and passes its test, after it has printed what both wrote. */
async function passes(example, tarball, url, copy) {
  cpSync(join(EXAMPLES, example), copy, { recursive: true, filter: isSource });
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball];
  for (const args of [install, ['test']]) {
    const env = { ...process.env, DATABASE_URL: url };
    const npm = spawn('npm', args, { cwd: copy, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const written = [];
    for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (part) => written.push(part));
    const [status] = await once(npm, 'close');
    process.stdout.write(`== ${example}: npm ${args[0]}\n${Buffer.concat(written)}`);
    if (status !== 0) return false;
  }
  return true;
}

/** Returns the examples that fail. */
async function runAll(examples, tarball, url, folder) {
  const left = [...examples];
  const failed = [];
  const work = async () => {
    for (let example = left.shift(); example; example = left.shift()) {
      if (!(await passes(example, tarball, url, join(folder, example)))) failed.push(example);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failed;
}

const folder = mkdtempSync(join(tmpdir(), 'tenant-schemas-examples-'));
const chosen = process.argv.slice(2);
const examples = chosen.length > 0 ? chosen : readdirSync(EXAMPLES).toSorted();
try {
  const tarball = packEngine(folder);
  const server = await startServer(join(folder, 'data'));
  try {
    const failed = await runAll(examples, tarball, server.url, folder);
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
