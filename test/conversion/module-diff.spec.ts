// How much of a feature its conversion changes: of the module file two lines, and of its other files nothing, as
// both forms use the same ones. The guide for converting shows this very diff.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { lineDiff } from './line-diff.js';

const SINGLE_TENANT = 'test/conversion/single-tenant/polls.module.ts';
const CONVERTED = 'src/polls/polls.module.ts';

/** The lines of a file, its relative imports written as they are in another file of the same imports. */
function linesAsIn(other: string, path: string): string[] {
  const text = readFileSync(path, 'utf8').replaceAll(
    /'(\.[^']+\.js)'/g,
    (_all, specifier: string) => {
      const from = relative(dirname(other), join(dirname(path), specifier));
      return `'${from.startsWith('.') ? from : `./${from}`}'`;
    },
  );
  return text.trimEnd().split('\n');
}

const diff = lineDiff(linesAsIn(CONVERTED, SINGLE_TENANT), linesAsIn(CONVERTED, CONVERTED));

it('changes the import and the call of forFeature, and no other line', () => {
  expect(diff.filter((line) => !line.startsWith(' '))).toEqual([
    "-import { TypeOrmModule } from '@nestjs/typeorm';",
    "+import { TenantModule } from 'nest-tenant-schemas';",
    '-  imports: [TypeOrmModule.forFeature([Poll, Choice, Vote, User])],',
    '+  imports: [TenantModule.forFeature([Poll, Choice, Vote, User])],',
  ]);
});

it('takes every other file of the feature from the same place', () => {
  const imported = diff.filter((line) => line.includes("from './"));
  expect(imported).toHaveLength(12);
  expect(imported.every((line) => line.startsWith(' '))).toBe(true);
});

it('is the diff that the guide shows', () => {
  const guide = readFileSync('docs/converting-a-feature.md', 'utf8');
  const shown = /```diff\n(.*?)\n```/s.exec(guide)?.[1]?.split('\n');
  expect(shown?.map((line) => (line === '' ? ' ' : line))).toEqual(diff);
});

it('control: any other change of the module would be seen', () => {
  expect(lineDiff(['a', 'b', 'c'], ['a', 'x', 'c', 'd'])).toEqual([' a', '-b', '+x', ' c', '+d']);
  expect(lineDiff([], ['a'])).toEqual(['+a']);
  expect(lineDiff(['a'], [])).toEqual(['-a']);
});
