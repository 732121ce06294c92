// Builds the packages that an application runs, at once, each from its src to its dist. Types are not checked here:
// `npm run check` does that for everything.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const TSC = 'node_modules/typescript/bin/tsc';

/** Packages whose build is of another form than their sources, which are ES modules. */
const FORMATS = { 'nest-tenant-schemas': 'commonjs' };

async function build(name) {
  const [project, dist] = ['tsconfig.build.json', 'dist'].map((path) =>
    join('packages', name, path),
  );
  if (!existsSync(project)) return;
  rmSync(dist, { recursive: true, force: true });
  const tsc = spawn(process.execPath, [TSC, '-p', project, '--noCheck'], { stdio: 'inherit' });
  const [status] = await once(tsc, 'exit');
  if (status !== 0) {
    process.exitCode = 1;
    return;
  }
  if (name in FORMATS) {
    writeFileSync(join(dist, 'package.json'), `${JSON.stringify({ type: FORMATS[name] })}\n`);
  }
}

await Promise.all(readdirSync('packages').map(build));
