// Gives the CommonJS build of a package an entry for `import`. Nest 12 has ES modules only, and Jest on Node 20 cannot
// `require` those. So the files that import Nest exist in both forms. All others are CommonJS only and load once per process.
// Decision: docs/decisions/0020-package.md.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

const NEST = /^@nestjs\//;
const REQUIRED = /\brequire\("([^"]+)"\)/g;
const IMPORTED = /(?<=\b(?:from|import) ["'])\.[^"']+(?=["'])/g;

/** Returns the specifiers that a built file requires. */
function required(file) {
  return Array.from(readFileSync(file, 'utf8').matchAll(REQUIRED), ([, specifier]) => specifier);
}

/** Returns a function that checks whether a file loads Nest, directly or through a file that it requires. */
function nestFinder() {
  const known = new Map();
  return function loadsNest(file) {
    if (!known.has(file)) {
      known.set(file, false);
      const result = required(file).some((name) =>
        name.startsWith('.') ? loadsNest(resolve(dirname(file), name)) : NEST.test(name),
      );
      known.set(file, result);
    }
    return known.get(file);
  };
}

/** The options of tsconfig.json that change what TypeScript writes. */
const OPTIONS = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ES2022,
  emitDecoratorMetadata: true,
  experimentalDecorators: true,
  useDefineForClassFields: false,
};

/** Writes `esm` in `dist`, the CommonJS form of the TypeScript files in `source`. Both paths are absolute. */
export function buildEsModules({ source, dist }) {
  const loadsNest = nestFinder();
  const esm = join(dist, 'esm');
  const built = readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.js'));
  for (const name of built.filter((file) => loadsNest(join(dist, file)))) {
    const target = join(esm, name);
    const point = (text) =>
      text.replace(IMPORTED, (specifier) => {
        const file = resolve(dirname(join(dist, name)), specifier);
        return loadsNest(file) ? specifier : relative(dirname(target), file);
      });
    const [typescript, types] = [name.replace(/js$/, 'ts'), name.replace(/js$/, 'd.ts')];
    const { outputText } = ts.transpileModule(readFileSync(join(source, typescript), 'utf8'), {
      fileName: typescript,
      compilerOptions: OPTIONS,
    });
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, point(outputText));
    writeFileSync(join(esm, types), point(readFileSync(join(dist, types), 'utf8')));
  }
  writeFileSync(join(esm, 'package.json'), '{ "type": "module" }\n');
}
