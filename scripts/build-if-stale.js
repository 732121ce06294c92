// Builds when a source is newer than the last build, so that the command line never runs old code.
// Prints to stderr only: stdout belongs to the command.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ENTRY = 'dist/src/cli.js';

const sources = readdirSync('src', { recursive: true })
  .map((name) => join('src', name))
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
const newest = Math.max(...sources.map((name) => statSync(name).mtimeMs));

if (!existsSync(ENTRY) || statSync(ENTRY).mtimeMs < newest) {
  const { status } = spawnSync('npm', ['run', '-s', 'build'], { stdio: ['ignore', 2, 2] });
  process.exitCode = status ?? 1;
}
