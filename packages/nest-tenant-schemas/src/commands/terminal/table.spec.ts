import { tableLines } from './table.js';

it('pads columns to their longest cell, and no line at its end', () => {
  const rows = [
    ['a', 'longer than its header', ''],
    ['longest', 'b', 'c'],
  ];
  expect(tableLines(['ONE', 'TWO', 'THREE'], rows)).toEqual([
    'ONE      TWO                     THREE',
    'a        longer than its header',
    'longest  b                       c',
  ]);
});

it('keeps a row on one line', () => {
  expect(tableLines(['NAME'], [['two\r\nlines\tand a tab']])).toEqual([
    'NAME',
    'two  lines and a tab',
  ]);
});
