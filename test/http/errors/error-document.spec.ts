// docs/errors.md against the code: every code is in it with its status, once, and each example is the one
// that the OpenAPI document gives, which other specs compare with what the server answers.
import { readFileSync } from 'node:fs';
import { ERROR_CODES, ERROR_STATUS } from '../../../src/http/errors/error-codes.js';
import { errorExamples } from '../../../src/http/openapi/error-examples.js';

const text = readFileSync('docs/errors.md', 'utf8');
const [given = '', reserved = ''] =
  text.split('## An example of each')[0]?.split('## Not given') ?? [];

function rows(part: string): Record<string, number> {
  const found = [...part.matchAll(/^\| `([A-Z_]+)`\s*\| (\d+)\s*\|/gm)];
  return Object.fromEntries(found.map(([, code, status]) => [code, Number(status)]));
}

it('lists every code of the code base with its status', () => {
  expect({ ...rows(given), ...rows(reserved) }).toEqual(ERROR_STATUS);
  expect(Object.keys(rows(given)).length + Object.keys(rows(reserved)).length).toBe(
    ERROR_CODES.length,
  );
});

it('says of every code that is given when, and what to do', () => {
  for (const line of given.split('\n').filter((row) => /^\| `[A-Z]/.test(row))) {
    const cells = line.split('|').map((cell) => cell.trim());
    expect(cells).toHaveLength(6);
    expect(cells.slice(3, 5)).toEqual([expect.stringMatching(/\.$/), expect.stringMatching(/\.$/)]);
  }
});

it('has a real example of every code that is given', () => {
  const examples = [...text.matchAll(/^### `([A-Z_]+)`\n\n```json\n([^`]+)```$/gm)];
  const shown = examples.map(([, code, json]) => [code, JSON.parse(String(json))]);
  const real = errorExamples('X-Request-ID');
  const codes = ERROR_CODES.filter((code) => code in rows(given));
  expect(Object.fromEntries(shown)).toEqual(
    Object.fromEntries(codes.map((code) => [code, real[code].answer])),
  );
});
