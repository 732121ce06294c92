// What the source files import and which globals they use, as the compiler reads them.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

export interface SourceFile {
  /** From the repository's root. */
  readonly path: string;
  /** Paths from the root for files, specifiers for packages. */
  readonly imports: readonly string[];
  /** `process.env`, `console.log` and their like. */
  readonly globals: readonly string[];
}

/** Folders with the code that runs: the application's, and the packages' that it uses. */
const FOLDERS = [
  'src',
  'packages/nest-tenant-schemas/src',
  'packages/embedded-postgres-server/src',
];

/** All TypeScript files of these but specs, and ormconfig.ts where it exists. */
export function readSourceFiles(root: string): SourceFile[] {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
      .map((path) => join(folder, path)),
  );
  const atRoot = readdirSync(root).filter((name) => name === 'ormconfig.ts');
  return [...inFolders, ...atRoot].map((path) =>
    readSource(path, readFileSync(join(root, path), 'utf8')),
  );
}

/** One file, by its text. */
export function readSource(path: string, text: string): SourceFile {
  const imports = ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => resolveImport(path, fileName));
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const globals: string[] = [];
  const visit = (node: ts.Node): void => {
    const use = globalUse(node, source);
    if (use !== undefined) globals.push(use);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { path, imports, globals };
}

function resolveImport(path: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return normalize(join(dirname(path), specifier)).replace(/\.js$/, '.ts');
}

function globalUse(node: ts.Node, source: ts.SourceFile): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return nameOf(node.expression, node.name.text);
  if (ts.isElementAccessExpression(node)) {
    const argument = node.argumentExpression;
    return nameOf(node.expression, ts.isStringLiteral(argument) ? argument.text : '');
  }
  // const { env } = process
  if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name) && node.initializer) {
    const [first] = node.name.elements;
    const property = first?.propertyName ?? first?.name;
    return nameOf(node.initializer, property?.getText(source) ?? '');
  }
  return undefined;
}

function nameOf(object: ts.Node, property: string): string | undefined {
  if (!ts.isIdentifier(object) || !['process', 'console'].includes(object.text)) return undefined;
  return `${object.text}.${property}`;
}
