// Checks the blocks of TypeScript in the pages. A block whose first line names a file shows lines of that file. Every other
// block compiles against the package, as statements, as members of a class or as properties of an object.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { blocksOf, readPages, report, ROOT } from './pages.js';

/** Packages whose exports a block may use without an import. */
const PACKAGES = [
  'nest-tenant-schemas',
  'nest-tenant-schemas/auth',
  'nest-tenant-schemas/commands',
  'nest-tenant-schemas/testing',
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/typeorm',
  'typeorm',
  '@nestjs/swagger',
  'nest-commander',
];

/** Packages of a reader's application that are not installed here. */
const NOT_INSTALLED = [
  '@nestjs/schedule',
  '@nestjs/bullmq',
  'bullmq',
  '@nestjs/event-emitter',
  'dataloader',
  'vitest',
  'vitest/config',
  'unplugin-swc',
];

const WRAPPINGS = [
  (text) => `${text}\nexport {};`,
  (text) => `class Example { [property: string]: any; ${text}\n}\nexport {};`,
  (text) => `const example = { ${text}\n};\nexport {};`,
  (text) => `const example = [ ${text}\n];\nexport {};`,
];

const CANNOT_FIND_NAME = new Set([2304, 2552, 2503]);

/** Blocks leave parts out, so what only a whole program can have is not reported: parameters and names without use. */
const options = {
  ...ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    ROOT,
  ).options,
  noEmit: true,
  noUnusedLocals: false,
  noUnusedParameters: false,
  incremental: false,
  tsBuildInfoFile: undefined,
};

const parse = (path, source) => ts.createSourceFile(path, source, ts.ScriptTarget.ES2022, true);

const PRELUDE = join(import.meta.dirname, 'prelude.ts');
const examples = readdirSync(join(ROOT, 'examples'));

/** Returns the lines that a page may show of a file of the repository, or of an example. */
function linesOf(file) {
  const paths = [file, ...examples.map((name) => `examples/${name}/${file}`)];
  const texts = paths
    .filter((path) => existsSync(join(ROOT, path)))
    .map((path) => readFileSync(join(ROOT, path), 'utf8'));
  for (const name of examples) {
    const patch = join(ROOT, 'examples', name, 'add-tenants.patch');
    if (existsSync(patch)) texts.push(readFileSync(patch, 'utf8').replaceAll(/^[+ ]/gm, ''));
  }
  return texts.length > 0
    ? new Set(
        texts
          .join('\n')
          .split('\n')
          .map((line) => line.trim()),
      )
    : undefined;
}

function problemsOfQuote(block, file, page) {
  const known = linesOf(file);
  return block.text
    .split('\n')
    .slice(1)
    .flatMap((line, at) =>
      known?.has(line.trim())
        ? []
        : [`${page.path}:${block.line + 1 + at} is not in ${file}: ${line.trim()}`],
    );
}

/** Returns the block in the first form that is valid syntax, or undefined. */
function wrapped(text) {
  return WRAPPINGS.map((wrap) => wrap(text)).find(
    // TypeScript does not declare this property of a file that it has parsed.
    (source) => parse('block.ts', source).parseDiagnostics.length === 0,
  );
}

/** Compiles sources by their file names, and returns the diagnostics of each. */
function compile(sources) {
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => sources.has(path) || fileExists.call(host, path);
  host.getSourceFile = (path, ...rest) => {
    const source = sources.get(path);
    return source === undefined ? getSourceFile.call(host, path, ...rest) : parse(path, source);
  };
  const program = ts.createProgram([PRELUDE, ...sources.keys()], options, host);
  return new Map(
    Array.from(sources.keys(), (path) => {
      const file = program.getSourceFile(path);
      return [
        path,
        [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)],
      ];
    }),
  );
}

/** Maps the names that a block may use without an import to the package that exports them. */
function exportsOfPackages() {
  const path = join(ROOT, 'docs-exports.ts');
  const source = PACKAGES.map((name, at) => `import * as p${at} from '${name}';`).join('\n');
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, ...rest) =>
    name === path ? parse(path, source) : getSourceFile.call(host, name, ...rest);
  const program = ts.createProgram([path], options, host);
  const checker = program.getTypeChecker();
  const known = new Map();
  for (const statement of program.getSourceFile(path).statements) {
    const module = checker.getSymbolAtLocation(statement.moduleSpecifier);
    for (const { name } of checker.getExportsOfModule(module))
      if (!known.has(name)) known.set(name, statement.moduleSpecifier.text);
  }
  return known;
}

/** Returns the block of the page that declares a name, and makes it export the name. */
function declarerOf(name, blocksOfPage) {
  const declaration = new RegExp(
    `^(export )?(?:abstract )?(?:class|const|function|interface) ${name}\\b`,
    'm',
  );
  for (const [path, other] of blocksOfPage) {
    const [found, isExported] = declaration.exec(other.source) ?? [];
    if (found === undefined) continue;
    if (!isExported) other.exported.add(name);
    return path.replace(/\.ts$/, '.js');
  }
  return undefined;
}

/** Returns the source with imports for the names that it does not declare. */
function withImports(source, diagnostics, known, samePage) {
  const missing = new Set(
    diagnostics
      .filter(({ code }) => CANNOT_FIND_NAME.has(code))
      .map(({ start, length }) => source.slice(start, start + length)),
  );
  const imports = [...missing].flatMap((name) => {
    const from = declarerOf(name, samePage) ?? known.get(name);
    return from === undefined ? [] : [`import { ${name} } from '${from}'; `];
  });
  return imports.join('') + source;
}

const problems = [];
const blocks = new Map();
let quoted = 0;
for (const page of readPages()) {
  for (const block of blocksOf(page, 'ts')) {
    const [, file] = /^\/\/ (\S+\.[jt]s)\n/.exec(block.text) ?? [];
    if (file !== undefined) {
      quoted += 1;
      problems.push(...problemsOfQuote(block, file, page));
      continue;
    }
    const source = wrapped(block.text);
    if (source === undefined) problems.push(`${page.path}:${block.line} is not valid TypeScript`);
    // In the root, so that imports are found as in the application.
    else
      blocks.set(join(ROOT, `docs-block-${blocks.size}.ts`), {
        page,
        block,
        source,
        exported: new Set(),
      });
  }
}

const known = exportsOfPackages();
/** Files and packages of the reader's application are not here. */
const isOurs = ({ messageText }) =>
  !/'\.{1,2}\//.test(String(messageText)) &&
  !NOT_INSTALLED.some((name) => String(messageText).includes(`'${name}'`));
const first = compile(new Map(Array.from(blocks, ([path, { source }]) => [path, source])));
const sources = new Map(
  Array.from(blocks, ([path, { page, source }]) => {
    const samePage = [...blocks].filter((other) => other[0] !== path && other[1].page === page);
    return [path, withImports(source, first.get(path), known, samePage)];
  }),
);
for (const [path, { exported }] of blocks) {
  if (exported.size > 0) sources.set(path, `${sources.get(path)}\nexport { ${[...exported]} };`);
}
for (const [path, diagnostics] of compile(sources)) {
  const { page, block } = blocks.get(path);
  for (const { messageText, start, file } of diagnostics.filter(isOurs)) {
    const line = block.line + file.getLineAndCharacterOfPosition(start).line;
    problems.push(`${page.path}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  }
}
report(`${blocks.size} blocks of code compiled and ${quoted} compared with their files`, problems);
