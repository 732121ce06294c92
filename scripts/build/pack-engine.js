import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'nest-tenant-schemas';
const ROOT = join(import.meta.dirname, '../..');
const PUBLISHED = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'src'];

/**
 * Builds and packs the engine as `npm publish` does, in a folder of its own: other processes may use the build in `dist`.
 * Returns the path of the tarball.
 */
export function packEngine(folder) {
  const staging = join(folder, NAME);
  for (const path of PUBLISHED) {
    cpSync(join(ROOT, 'packages', NAME, path), join(staging, path), { recursive: true });
  }
  const build = ['scripts/build/build-packages.js', NAME, join(staging, 'dist')];
  execFileSync(process.execPath, build, { cwd: ROOT });
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const output = execFileSync('npm', pack, { cwd: staging, encoding: 'utf8' });
  return join(folder, JSON.parse(output)[0].filename);
}
