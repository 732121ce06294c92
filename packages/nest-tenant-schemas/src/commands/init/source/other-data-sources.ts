import { filesWith, type SourceLine } from './source-files.js';

const ROOT = /\bTypeOrmModule\.forRoot(?:Async)?\s*\(/;

/**
 * Returns the places of `TypeOrmModule.forRoot` and `forRootAsync` in modules that do not import `TenantModule`, besides the
 * main one. A DataSource with a name is another one.
 */
export function findOtherRoots(lines: readonly SourceLine[]): SourceLine[] {
  const withTenants = filesWith(lines, /\bTenantModule\.forRoot(?:Async)?\s*\(/);
  const roots = lines.filter(({ text }) => ROOT.test(text));
  const main = roots.find(({ file }) => withTenants.has(file)) ?? roots[0];
  return roots.filter(
    (root) =>
      root.file !== main?.file &&
      !withTenants.has(root.file) &&
      !/\bname\s*:/.test(call(lines, root)),
  );
}

/**
 * Returns the places that create a DataSource without tenants, for example for TypeORM's command line. The factory of a
 * DataSource in a module gets the options of the module.
 */
export function findDataSources(lines: readonly SourceLine[]): SourceLine[] {
  const roots = filesWith(lines, ROOT);
  const wrapped = filesWith(lines, /\btenantDataSourceOptions\s*\(/);
  return lines.filter(
    ({ file, text }) =>
      /\bnew DataSource\s*\(/.test(text) && !roots.has(file) && !wrapped.has(file),
  );
}

/** Returns the text from a line to the line that closes its parenthesis. */
function call(lines: readonly SourceLine[], { file, line }: SourceLine): string {
  const texts: string[] = [];
  let depth = 0;
  for (const each of lines) {
    if (each.file !== file || each.line < line) continue;
    texts.push(each.text);
    depth += each.text.split('(').length - each.text.split(')').length;
    if (depth <= 0) break;
  }
  return texts.join('\n');
}
