// The guide for adding tenants says what is so: its lines are those of the examples, and so are its counts of changed lines.
import { existsSync, readFileSync } from 'node:fs';

const EXAMPLES = ['examples/adopt-nest-11', 'examples/adopt-nest-12', 'examples/adopt-graphql'];
const guide = readFileSync('docs/adding-tenants.md', 'utf8');

const patchOf = (example: string): string => readFileSync(`${example}/add-tenants.patch`, 'utf8');

/** Returns the lines of a source file that the patch shows in the multi-tenant form, or those of a test. */
function linesOf(example: string, file: string): string[] {
  const path = `${example}/${file}`;
  if (!file.startsWith('src/'))
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const [, part = ''] = patchOf(example).split(`+++ b/${file}\n`);
  const [ofFile = ''] = part.split('\n--- ');
  return ofFile.split('\n').flatMap((line) => (/^[+ ]/.test(line) ? [line.slice(1)] : []));
}

const snippets = Array.from(
  guide.matchAll(/```ts\n\/\/ (.*)\n([^]*?)\n```/g),
  ([, file, text]) => ({
    file: file as string,
    lines: (text as string).split('\n'),
  }),
);

it('has snippets to hold against the examples', () => {
  expect(snippets).toHaveLength(4);
});

it.each(snippets)('shows lines of $file as they are', ({ file, lines }) => {
  const inFile = new Set(
    EXAMPLES.flatMap((example) => linesOf(example, file)).map((line) => line.trim()),
  );
  expect(lines.filter((line) => !inFile.has(line.trim()))).toEqual([]);
});

it.each(EXAMPLES)('counts the changed lines of %s', (example) => {
  const [, count] = new RegExp(`^\\| \`${example}\`.*\\| (\\d+) +\\|$`, 'm').exec(guide) ?? [];
  const added = patchOf(example)
    .split('\n')
    .filter((line) => /^\+(?!\+\+)/.test(line));
  expect(Number(count)).toBe(added.length);
});
