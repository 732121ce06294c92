// The Markdown files that people read, with their blocks of code.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** Folders of docs whose pages are generated or are not ours. */
const LEFT_OUT = /^docs\/(?:api|node_modules|\.vitepress)\//;

/** Returns the pages: path from the root, and text. */
export function readPages() {
  const inDocs = readdirSync(join(ROOT, 'docs'), { recursive: true }).map((path) => `docs/${path}`);
  return [...readdirSync(ROOT), ...inDocs, 'packages/nest-tenant-schemas/README.md']
    .filter((path) => path.endsWith('.md') && !LEFT_OUT.test(path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

/** Returns the fenced blocks of a page in a language: their text, and the number of their first line. */
export function blocksOf({ text }, language) {
  const fences = text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([^]*?)^ *\`\`\`$`, 'gm'));
  return Array.from(fences, ({ 1: indent, 2: block, index }) => ({
    text: block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    line: text.slice(0, index).split('\n').length + 1,
  }));
}

/** Prints the problems, and exits with 1 if there are any. */
export function report(checked, problems) {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.stdout.write(`${checked}, ${problems.length} problems\n`);
  if (problems.length > 0) process.exitCode = 1;
}
