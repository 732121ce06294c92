// Checks the names in the pages: commands and their options are those of cli.md, whose own spec compares it with the commands.
// Settings and error codes occur in the source.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPages, report, ROOT } from './pages.js';

const read = (path) => readFileSync(join(ROOT, path), 'utf8');

function sourceText() {
  const files = ['src', 'packages'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true }).map((name) => join(folder, name)),
  );
  const sources = files.filter(
    (name) => name.endsWith('.ts') && !/node_modules|\/dist\//.test(name),
  );
  return ['.env.example', ...sources].map(read).join('\n');
}

const cli = read('docs/cli.md');
const commands = new Set(
  Array.from(cli.matchAll(/^#{2,3} ([a-z].*)$/gm), ([, title]) => title.split(/, | and /)).flat(),
);
const options = new Set(cli.match(/--[a-z][a-z-]*/g));
const source = sourceText();

/** Calls of the commands, in code of any kind. A line that ends in a backslash continues. */
const CALL =
  /(?<!nest-)\btenant-schemas((?: --app \S+)?(?: --?[a-z][\w-]*(?: [\w./<>'"-]+)?)*) ([a-z]+(?:-[a-z]+)+|init|doctor)\b((?:[^\n`|;]|\\\n)*)/g;
const SETTING = /`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`/g;

/** Pages that name settings of other packages, or former ones. */
const OF_OTHERS = /^(?:CONTRIBUTING|docs\/upgrading|docs\/coming-from\/.*)\.md$/;

let checked = 0;
const problems = [];
for (const { path, text } of readPages()) {
  for (const [, before, command, after] of text.matchAll(CALL)) {
    checked += 1;
    if (!commands.has(command)) problems.push(`${path}: no command ${command}`);
    for (const option of `${before}${after}`.match(/--[a-z][a-z-]*/g) ?? []) {
      if (!options.has(option)) problems.push(`${path}: ${command} has no option ${option}`);
    }
  }
  for (const [, name] of text.matchAll(SETTING)) {
    checked += 1;
    if (!source.includes(name) && !OF_OTHERS.test(path))
      problems.push(`${path}: no setting or code ${name}`);
  }
}
report(`${checked} names of commands, settings and codes`, problems);
