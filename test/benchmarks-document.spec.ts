// The pages in docs/benchmarks show the results in docs/benchmarks/results/http.json.
import { readFileSync } from 'node:fs';
import { tablePage } from '../bench/http/report/page.js';
import type { Result } from '../bench/http/results.js';
import { summaryTable } from '../bench/http/report/summary.js';
import { TABLE_NAMES } from '../bench/http/tables.js';

const FOLDER = 'docs/benchmarks';
const results = JSON.parse(read('results/http.json')) as Result[];

it('shows the ratios of the results in the summary', () => {
  const [, block] =
    /<!-- begin summary -->([^]*)<!-- end summary -->/.exec(read('README.md')) ?? [];
  expect(cells(block)).toEqual(cells(summaryTable(results)));
  expect(cells(block)).toHaveLength(8);
});

it('has an empty cell for a case that was not measured', () => {
  const others = results.filter(({ workload }) => workload !== 'mix');
  expect(cells(summaryTable(others)).at(-1)).toEqual(["a poll's life", '1', '', '', '', '', '']);
});

it.each(TABLE_NAMES)('shows all numbers of the results on the page %s', (table) => {
  const written = cells(tablePage(table, results));
  expect(written.length).toBeGreaterThan(8);
  expect(cells(read(`results/${table}.md`))).toEqual(written);
});

function read(path: string): string {
  return readFileSync(`${FOLDER}/${path}`, 'utf8');
}

/** Returns the cells of all tables in a Markdown text, without the padding that prettier adds. */
function cells(markdown = ''): string[][] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.slice(1, -1).split('|'))
    .map((row) => row.map((cell) => cell.trim().replace(/-+/, '--')));
}
