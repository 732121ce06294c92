// Builds when a source is newer than the last build, so that the command line never runs old code. Processes
// that come at the same time build once: the others wait. Prints to stderr only: stdout belongs to the command.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const ENTRY = 'dist/cli.js';
const LOCK = 'node_modules/.build-lock';
const PAUSE_MS = 100;

/** Runs work while no other process builds. */
function withLock(work) {
  while (!takeLock()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  try {
    work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

/** The lock is a file that names its holder; it appears whole, and that of a dead process does not count. */
function takeLock() {
  const own = `${LOCK}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, LOCK);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    removeDeadLock();
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

function removeDeadLock() {
  try {
    process.kill(Number(readFileSync(LOCK, 'utf8')), 0);
  } catch (error) {
    if (error.code === 'ESRCH') rmSync(LOCK, { force: true });
    else if (error.code !== 'ENOENT' && error.code !== 'EPERM') throw error;
  }
}

function buildIfStale() {
  const folders = ['src', ...readdirSync('packages').map((name) => join('packages', name, 'src'))];
  const sources = folders
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name)))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
  const newest = Math.max(...sources.map((name) => statSync(name).mtimeMs));
  if (existsSync(ENTRY) && statSync(ENTRY).mtimeMs >= newest) return;
  const started = new Date();
  const { status } = spawnSync('npm', ['run', '-s', 'build'], { stdio: ['ignore', 2, 2] });
  process.exitCode = status ?? 1;
  // What is written meanwhile was not read in full; and what did not build must not pass for built.
  if (status !== 0) return rmSync(ENTRY, { force: true });
  utimesSync(ENTRY, started, started);
  // Npm makes the package's bin executable when it links it, which is once.
  chmodSync(ENTRY, 0o755);
}

withLock(buildIfStale);
