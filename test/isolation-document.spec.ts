// docs/isolation.md promises nothing without a test: every spec that it names exists, and every line that says
// "yes" names one.
import { existsSync, readFileSync } from 'node:fs';

const text = readFileSync('docs/isolation.md', 'utf8');

/** The verdict tables' lines: what, names, role, path, condition, specs. The poolers' has fewer columns. */
const verdicts = text
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => cells.length === 8 && cells[2] !== 'names' && !cells[2]?.startsWith('-'))
  .map(([, what = '', names, role, path, , specs = '']) => ({
    what,
    verdicts: [names, role, path],
    specs: Array.from(specs.matchAll(/`([^`]+)`/g)).map(([, file = '']) => file),
  }));

it('has verdicts to hold against the specs', () => {
  expect(verdicts.length).toBeGreaterThan(40);
});

it('says yes, if or no for every setting', () => {
  const words = new Set(verdicts.flatMap((line) => line.verdicts));
  expect(Array.from(words).toSorted()).toEqual(['if', 'no', 'yes']);
});

it('names files that exist', () => {
  const named = Array.from(text.matchAll(/`((?:packages|test|src)\/[^`]*\.ts)`/g)).map(
    ([, file = '']) => file,
  );
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((file) => !existsSync(file))).toEqual([]);
});

it('names a spec wherever something is guaranteed', () => {
  const promises = verdicts.filter((line) => line.verdicts.includes('yes'));
  expect(promises.filter(({ specs }) => specs.length === 0).map(({ what }) => what)).toEqual([]);
});
