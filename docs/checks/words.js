// Checks that texts use plain words. Usage: words.js [--sources] [--tests]
// It reads the pages. `--sources` also reads comments and texts of the sources, and `--tests` also those of specs, scripts and benchmarks.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { readPages, report, ROOT } from './pages.js';

/** Words that readers had to read twice, and what to write instead. */
const WORDS = [
  [/\b(?:nobody|somebody|whoever)\b/i, 'name the actor'],
  [/\banew\b/i, 'again'],
  [/\b(?:tells?|telling|told)\b/i, 'print, report, say or notify'],
  [/\b(?:hears?|heard|hearing) (?:of|from)\b/i, 'receive or be notified'],
  [/\bgreets?\b/i, 'initialize'],
  [/\bmend(?:s|ed|ing)?\b/i, 'repair or correct'],
  [/\btakes? back\b|\btaken back\b/i, 'revert or undo'],
  [/\bget(?:s|ting)? along\b/i, 'work together'],
  [/\bbe had\b|\bis to be had\b/i, 'is available'],
  [/\b(?:is|are) to be\b/i, 'must be'],
  [/\bany ?more\b/i, 'no longer'],
  [/(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more than\b)/i, 'is not a'],
  [/\b(?:goes|gone|went) by\b/i, 'uses or follows'],
  [/\bmeets? (?:a|another|the|many|few|more) (?:schema|table|tenant)/i, 'visits or uses'],
];

/** Allowed lines: the file, and a text of the line. They name the Unix account `nobody`. */
const ALLOWED = [
  ['docs/decisions/0003-embedded-postgresql.md', '`nobody`'],
  ...['`nobody`', "'nobody'", '"nobody"'].map((account) => [
    'packages/embedded-postgres-server/src/binaries/account.ts',
    account,
  ]),
];

const isAllowed = (path, line) =>
  ALLOWED.some(([file, text]) => path.startsWith(file) && line.includes(text));

function filesOf(folders) {
  return folders
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true }).map((name) => `${folder}/${name}`),
    )
    .filter(
      (path) => /\.[cm]?[jt]s$/.test(path) && !/node_modules|\/dist\/|\/generated\.ts$/.test(path),
    );
}

const TEXTS = new Set([
  ts.SyntaxKind.StringLiteral,
  ts.SyntaxKind.NoSubstitutionTemplateLiteral,
  ts.SyntaxKind.TemplateHead,
  ts.SyntaxKind.TemplateMiddle,
  ts.SyntaxKind.TemplateTail,
]);

/** Returns the lines of a source that are comments or texts, with their numbers. */
function textsOf(path) {
  const source = ts.sys.readFile(join(ROOT, path));
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.ES2022);
  const found = new Map();
  const add = (start, end) => {
    const first = file.getLineAndCharacterOfPosition(start).line + 1;
    const lines = source.slice(start, end).split('\n');
    lines.forEach((text, index) =>
      found.set(`${start}+${index}`, { path, text, line: first + index }),
    );
  };
  const visit = (node) => {
    const children = node.getChildren(file).filter(({ kind }) => kind !== ts.SyntaxKind.JSDoc);
    children.forEach(visit);
    if (children.length > 0) return;
    const start = node.getStart(file);
    if (TEXTS.has(node.kind)) add(start, node.end);
    for (const comment of ts.getLeadingCommentRanges(source, node.pos) ?? [])
      add(comment.pos, comment.end);
    for (const comment of ts.getTrailingCommentRanges(source, node.end) ?? [])
      add(comment.pos, comment.end);
  };
  visit(file);
  return [...found.values()];
}

const withTests = process.argv.includes('--tests');
const withSources = withTests || process.argv.includes('--sources');
const folders = ['src', 'packages', ...(withTests ? ['test', 'scripts', 'bench'] : [])];

const texts = [
  ...readPages().flatMap(({ path, text }) =>
    text.split('\n').map((line, index) => ({ path, text: line, line: index + 1 })),
  ),
  ...(withSources ? filesOf(folders) : [])
    .filter((path) => withTests || !/\/test\/|\.spec\.ts$/.test(path))
    .flatMap(textsOf),
];
const problems = texts.flatMap(({ path, text, line }) =>
  isAllowed(path, text)
    ? []
    : WORDS.filter(([word]) => word.test(text)).map(
        ([word, instead]) => `${path}:${line} “${word.exec(text)[0]}”: ${instead}: ${text.trim()}`,
      ),
);
report(`${texts.length} lines of text`, problems);
