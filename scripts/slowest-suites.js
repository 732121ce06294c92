// Prints the suites that took longest, and the time of each project, from Jest's results: `slowest-suites.js <results.json>`.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const SHOWN = 20;

const { testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const suites = testResults
  .map(({ name, startTime, endTime }) => ({
    name: relative(process.cwd(), name),
    seconds: (endTime - startTime) / 1000,
  }))
  .toSorted((one, other) => other.seconds - one.seconds);
const total = suites.reduce((sum, { seconds }) => sum + seconds, 0);

const lines = [
  `The ${SHOWN} slowest of ${suites.length} suites, which took ${Math.round(total)} s together:`,
  ...suites
    .slice(0, SHOWN)
    .map(({ name, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${name}`),
];
process.stdout.write(`${lines.join('\n')}\n`);
