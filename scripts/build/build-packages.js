// Builds the packages that an application runs, at once, each from its src to its dist. Types are not checked here:
// `npm run check` does that for everything. Usage: node scripts/build/build-packages.js [<package> [<dist>]]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildEsModules } from './build-es-modules.js';

const ROOT = join(import.meta.dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** Packages whose build is CommonJS, although their sources are ES modules. Users of either form can load them. */
const COMMONJS = new Set(['nest-tenant-schemas']);

async function build(name, dist = join(ROOT, 'packages', name, 'dist')) {
  const folder = join(ROOT, 'packages', name);
  const project = join(folder, 'tsconfig.build.json');
  if (!existsSync(project)) return;
  rmSync(dist, { recursive: true, force: true });
  const tsc = spawn(process.execPath, [TSC, '-p', project, '--noCheck', '--outDir', dist], {
    stdio: 'inherit',
  });
  const [status] = await once(tsc, 'exit');
  if (status !== 0) {
    process.exitCode = 1;
    return;
  }
  if (!COMMONJS.has(name)) return;
  writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
  buildEsModules({ source: join(folder, 'src'), dist });
}

const [name, dist] = process.argv.slice(2);
await (name
  ? build(name, dist && resolve(dist))
  : Promise.all(readdirSync(join(ROOT, 'packages')).map((each) => build(each))));
