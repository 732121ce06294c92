// Packs the engine as npm publishes it, and lets publint and attw check the tarball: its exports, formats and types.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packEngine } from './build/pack-engine.js';

const folder = mkdtempSync(join(tmpdir(), 'tenant-schemas-package-'));
try {
  const tarball = packEngine(folder);
  const checks = [
    ['publint', 'run', tarball, '--strict'],
    ['attw', tarball, '--format', 'ascii', '--no-emoji'],
  ];
  for (const [tool, ...args] of checks) {
    const { status } = spawnSync(join('node_modules/.bin', tool), args, { stdio: 'inherit' });
    if (status !== 0) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
