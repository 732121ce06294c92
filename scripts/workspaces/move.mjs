// Moves the files and rewrites what names them: imports, and paths in every text file.
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
  existsSync,
  rmdirSync,
  readdirSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { EMBEDDED, ENGINE, movesOf, resolveImport, SUPPORT } from './map.mjs';

const git = (...args) => execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
const files = git('ls-files').trim().split('\n');
const set = new Set(files);
if (files.some((path) => path.startsWith(`${ENGINE}/`)))
  throw new Error('The files are moved already.');

const SPECIFIER =
  /(\bfrom\s+|\bimport\s+|\bimport\(\s*|\bjest\.(?:mock|requireActual)\(\s*)'(\.{1,2}\/[^']+)'/g;
const isCode = (path) => /\.(ts|js|cjs|mjs)$/.test(path);
const isText = (path) =>
  /\.(ts|js|cjs|mjs|md|json|sh|yaml|yml|lua)$|^\.ci\/|^\.[a-z]+ignore$|^Dockerfile$/.test(path);
const NOT_REWRITTEN = new Set([
  'package-lock.json',
  'test/client/package-lock.json',
  'CHANGELOG.md',
]);

const texts = new Map(
  files
    .filter((path) => isText(path) && !NOT_REWRITTEN.has(path))
    .map((path) => [path, readFileSync(path, 'utf8')]),
);
const imports = new Map();
for (const [path, text] of texts) {
  if (!isCode(path)) continue;
  imports.set(
    path,
    Array.from(text.matchAll(SPECIFIER), ([, , specifier]) =>
      resolveImport(path, specifier, set),
    ).filter(Boolean),
  );
}
let moves;
try {
  moves = movesOf(set, (path) => imports.get(path) ?? []);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

const packageOf = (path) => /^packages\/[^/]+/.exec(path)?.[0] ?? '';
/** The specifier of a file (new path) for another (new path). */
function specifierOf(from, to) {
  if (packageOf(from) !== packageOf(to)) {
    if (to === `${ENGINE}/src/index.ts`) return 'nest-tenant-schemas';
    if (to === `${EMBEDDED}/src/index.ts`) return 'embedded-postgres-server';
    if (to === `${EMBEDDED}/src/private-file.ts`) return 'embedded-postgres-server/private-file';
    if (to.startsWith(`${SUPPORT}/src/`))
      return `test-support/${to.slice(SUPPORT.length + 5).replace(/\.ts$/, '.js')}`;
  }
  const path = relative(dirname(from), to).replace(/\.ts$/, '.js');
  return path.startsWith('.') ? path : `./${path}`;
}

/** Folders by what became of their files, for texts that name a folder. */
const FOLDERS = [
  ['src/tenancy/resolution', `${ENGINE}/src/request`],
  ['src/tenancy', `${ENGINE}/src`],
  ['src/database/embedded', `${EMBEDDED}/src`],
  ['test/support/embedded', `${EMBEDDED}/test/support`],
  ['test/database/embedded-', `${EMBEDDED}/test/embedded-`],
  ...['tenancy', 'model'].map((folder) => [`test/${folder}`, `${ENGINE}/test/${folder}`]),
];
const INSIDE = new Map(
  [...moves].flatMap(([old, now]) =>
    old.startsWith('src/tenancy/')
      ? [[old.slice('src/tenancy/'.length), now.slice(`${ENGINE}/src/`.length)]]
      : [],
  ),
);

function rewriteText(text) {
  return (
    text
      // `../../../tenancy/index.js` in texts that are no imports of the file they stand in.
      .replace(/'(?:\.\.\/)+(?:dist\/src\/|src\/)?tenancy\/index\.js'/g, "'nest-tenant-schemas'")
      .replace(/(?<![\w/.-])((?:\.\.\/)*)((?:src|test)\/[\w./*-]+)/g, (all, up, path) => {
        const end = /[./-]*$/.exec(path)[0];
        const bare = path.slice(0, path.length - end.length);
        for (const suffix of ['', '.ts', '.spec.ts']) {
          const to = moves.get(bare + suffix);
          if (to) return up + (suffix ? to.slice(0, -suffix.length) : to) + end;
          if (set.has(bare + suffix)) return all;
        }
        const folder = FOLDERS.find(([old]) =>
          old.endsWith('-') ? bare.startsWith(old) : bare === old || bare.startsWith(`${old}/`),
        );
        return folder ? up + folder[1] + bare.slice(folder[0].length) + end : all;
      })
      .replace(
        /(?<![\w/.-])((?:core|errors|connection|schemas|resolution)\/[\w.-]+\.ts)\b/g,
        (all, path) => INSIDE.get(path) ?? all,
      )
  );
}

/** What of the import rules is only names; their functions change by hand.patch. */
const SPECIAL = {
  'test/support/architecture-rules.ts': (text) => {
    const end = text.indexOf('const BOTTOM');
    return (
      text
        .slice(0, end)
        .replace(/'tenancy'/g, 'ENGINE')
        .replace(/^ {2}tenancy: \[\],\n/m, '')
        .replace(/^ {2}config: \[\],$/m, '  // For private files.\n  config: [EMBEDDED],')
        .replace(/^( {2}database: \[[^\]]*ENGINE)\]/m, '$1, EMBEDDED]') +
      text
        .slice(end)
        .replace(/TENANCY_ROOMS/g, 'ENGINE_ROOMS')
        .replace(/'resolution'/g, "'request'")
        .replace(/^ {2}resolution:/m, '  request:')
    );
  },
  'test/architecture.spec.ts': (text) =>
    text
      .replace(/'resolution'/g, "'request'")
      .replace(/in tenancy,/g, 'in nest-tenant-schemas,')
      .replace(/'tenancy may not/g, "'nest-tenant-schemas may not")
      .replace(/may not import tenancy'/g, "may not import nest-tenant-schemas'")
      .replace(
        /'(src\/(?!config)[^']*)', 'packages\/nest-tenant-schemas\/src\/index\.ts'\]/g,
        "'$1', 'nest-tenant-schemas']",
      )
      .replace(/'([^'`\n]*?)packages\/nest-tenant-schemas\/src\/([^'$\n]*)'/g, '`$1${ENGINE}/$2`')
      .replace(
        /'([^'`\n]*?)packages\/embedded-postgres-server\/src\/([^'$\n]*)'/g,
        '`$1${EMBEDDED}/$2`',
      )
      .replace(/packages\/nest-tenant-schemas\/src\/(?=\$\{)/g, '${ENGINE}/')
      .replace(
        '/** Files that hand',
        "const ENGINE = 'packages/nest-tenant-schemas/src';\nconst EMBEDDED = 'packages/embedded-postgres-server/src';\n\n/** Files that hand",
      ),
};

const changed = [];
for (const [path, text] of texts) {
  const now = moves.get(path) ?? path;
  let result = text;
  if (isCode(path)) {
    result = result.replace(SPECIFIER, (all, before, specifier) => {
      const target = resolveImport(path, specifier, set);
      if (!target) return all;
      const to = moves.get(target) ?? target;
      if (now === path && to === target) return all;
      return `${before}'${specifierOf(now, to)}'`;
    });
  }
  result = rewriteText(result);
  result = SPECIAL[path]?.(result) ?? result;
  if (result !== text || now !== path) {
    writeFileSync(path, result);
    changed.push(now);
  }
}
for (const [old, now] of moves) {
  mkdirSync(dirname(now), { recursive: true });
  renameSync(old, now);
}
const removeEmpty = (folder) => {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeEmpty(join(folder, entry.name));
  if (readdirSync(folder).length === 0) rmdirSync(folder);
};
['src', 'test'].forEach(removeEmpty);
execFileSync('git', ['add', '-A']);
process.stdout.write(`${moves.size} files moved, ${changed.length} files rewritten\n`);
