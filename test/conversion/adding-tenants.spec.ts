// The guide for adding tenants says what is so: its lines are those of the example, and the commands that it names exist.
import { readFileSync } from 'node:fs';

const EXAMPLE = 'examples/adopt-nest-11';
const guide = readFileSync('docs/adding-tenants.md', 'utf8');

/** The lines that the patch adds, by file; and those of the tests. */
function linesOf(file: string): string[] {
  if (!file.startsWith('src/')) return readFileSync(`${EXAMPLE}/${file}`, 'utf8').split('\n');
  const patch = readFileSync(`${EXAMPLE}/add-tenants.patch`, 'utf8');
  const [, part = ''] = patch.split(`+++ b/${file}\n`);
  const [ofFile = ''] = part.split('\n--- ');
  return ofFile.split('\n').flatMap((line) => (line.startsWith('+') ? [line.slice(1)] : []));
}

const snippets = Array.from(
  guide.matchAll(/```ts\n\/\/ (.*)\n([^]*?)\n```/g),
  ([, file, text]) => ({
    file: file as string,
    lines: (text as string).split('\n'),
  }),
);

it('has snippets to hold against the example', () => {
  expect(snippets).toHaveLength(4);
});

it.each(snippets)('shows lines of $file as they are', ({ file, lines }) => {
  const inFile = new Set(linesOf(file).map((line) => line.trim()));
  expect(lines.filter((line) => !inFile.has(line.trim()))).toEqual([]);
});
