// Text that PostgreSQL can store and a terminal can show: no control characters, and no lone surrogates.
import { validateSync } from 'class-validator';
import { IsPlainText } from './is-plain-text.decorator.js';

class Texts {
  @IsPlainText()
  text: unknown = 'x';

  @IsPlainText({ each: true })
  list: unknown = [];
}

function problems(values: Partial<Texts>): string[] {
  return validateSync(Object.assign(new Texts(), values)).map(({ property }) => property);
}

it.each([
  '',
  'Tea or coffee?',
  'Żółć',
  '投票',
  '🗳️',
  'two\nlines\twith\r\ntabs',
  "'; DROP TABLE x",
])('accepts %j', (text) => {
  expect(problems({ text, list: [text] })).toEqual([]);
});

it.each(['a\0b', '\u0008', '\u000B', '\u001B[31m', '\u007F', '\uD800', 'x\uDC00', 5, null, {}])(
  'rejects %j',
  (text) => {
    expect(problems({ text, list: ['fine', text] })).toEqual(['text', 'list']);
  },
);
