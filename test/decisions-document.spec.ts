// Each decision record has the same form, and the table of records lists its title and status.
import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = 'docs/decisions';
const SECTIONS = ['Context', 'Decision', 'Alternatives', 'Consequences', 'Evidence'];
const MAX_LINES = 60;

const index = cellsOf(read('README.md'));
const records = readdirSync(FOLDER).filter((name) => /^\d{4}-/.test(name));

it.each(records)('%s has all sections in at most 60 lines', (name) => {
  const lines = read(name).trimEnd().split('\n');
  const sections = lines.filter((line) => line.startsWith('## ')).map((line) => line.slice(3));
  expect(sections).toEqual(SECTIONS);
  expect(lines.length).toBeLessThanOrEqual(MAX_LINES);
});

it.each(records)('%s is in the table with its title and status', (name) => {
  const number = name.slice(0, 4);
  const [, title] = new RegExp(`^# ${number}: (.+)$`, 'm').exec(read(name)) ?? [];
  const [, status] = /^Status: ((?:accepted|superseded by \d{4}).*)$/m.exec(read(name)) ?? [];
  expect(index).toContainEqual([`[${number}](${name})`, title, status]);
});

function read(name: string): string {
  return readFileSync(`${FOLDER}/${name}`, 'utf8');
}

function cellsOf(markdown: string): string[][] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.slice(1, -1).split('|'))
    .map((row) => row.map((cell) => cell.trim()));
}
