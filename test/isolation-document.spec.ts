// docs/isolation.md promises nothing without a test: every spec that it links exists, every row that says "yes" links one,
// and every "if" has its condition in the list below its table.
import { existsSync, readFileSync } from 'node:fs';

const text = readFileSync('docs/isolation.md', 'utf8');

interface Row {
  readonly what: string;
  readonly verdicts: readonly string[];
  readonly effect: string;
  readonly specs: readonly string[];
}

/** The definitions of links at the end of the page: label and path from the root. */
const definitions = new Map(
  Array.from(text.matchAll(/^\[([^\]]+)\]: \.\.\/(.*)$/gm), ([, label = '', path = '']) => [
    label,
    path,
  ]),
);

/** Returns the rows of a section's table with verdicts: what, names, role, path, effect, specs. */
const rowsOf = (section: string): Row[] =>
  section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells.length === 8 && cells[2] !== 'names' && !cells[2]?.startsWith('-'))
    .map(([, what = '', names = '', role = '', path = '', effect = '', specs = '']) => ({
      what,
      verdicts: [names, role, path],
      effect,
      specs: Array.from(specs.matchAll(/\[([^\]]+)\]/g), ([, label = '']) => label),
    }));

/** Returns the numbers in parentheses: "if (1, 2)" is 1 and 2. */
const numbersIn = (cell: string): number[] =>
  Array.from(cell.matchAll(/\((\d{1,2}(?:, \d{1,2})*)\)/g)).flatMap(([, numbers = '']) =>
    numbers.split(', ').map(Number),
  );

const sections = text.split(/^## /m).filter((section) => rowsOf(section).length > 0);
const rows = sections.flatMap(rowsOf);
const isPromise = ({ verdicts }: Row): boolean => verdicts.includes('yes');

it('has verdicts to hold against the specs', () => {
  expect(rows.length).toBeGreaterThan(90);
  expect(definitions.size).toBeGreaterThan(60);
});

it('says yes, no, or if with the number of a condition, for every setting', () => {
  const verdict = /^(?:yes|no|if \(\d{1,2}(?:, \d{1,2})*\))$/;
  expect(rows.filter(({ verdicts }) => !verdicts.every((each) => verdict.test(each)))).toEqual([]);
});

const titled = sections.map((section): [string, string] => [
  section.split('\n', 1)[0] ?? '',
  section,
]);

it.each(titled)('lists below the table exactly the conditions that it names: %s', (_, section) => {
  const named = rowsOf(section).flatMap(({ what, verdicts, effect }) =>
    [what, ...verdicts, effect].flatMap(numbersIn),
  );
  const [, list = ''] = /\n\n(1\. [^]*?)(?=\n\n|$)/.exec(section) ?? [];
  const listed = Array.from(list.matchAll(/^(\d+)\. /gm), ([, number]) => Number(number));
  expect(listed).toEqual(Array.from(new Set(named)).toSorted((a, b) => a - b));
});

it('names files that exist', () => {
  const inText = Array.from(text.matchAll(/`((?:packages|test|src)\/[^`]*\.ts)`/g));
  const named = [...definitions.values(), ...inText.map(([, file = '']) => file)];
  expect(named.filter((file) => !existsSync(file))).toEqual([]);
});

it('links specs only, and each of them in a row', () => {
  const linked = new Set(rows.flatMap(({ specs }) => specs));
  expect(Array.from(definitions.keys()).filter((label) => !linked.has(label))).toEqual([]);
  expect(
    Array.from(linked).filter((label) => !definitions.get(label)?.endsWith('.spec.ts')),
  ).toEqual([]);
});

it('links a spec wherever something is guaranteed', () => {
  expect(rows.filter(isPromise).filter(({ specs }) => specs.length === 0)).toEqual([]);
});
