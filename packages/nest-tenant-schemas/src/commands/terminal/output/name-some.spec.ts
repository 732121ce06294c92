import { nameSome } from './name-some.js';

it.each([
  [['a'], 'a'],
  [['a', 'b', 'c', 'd', 'e'], 'a, b, c, d, e'],
  [['a', 'b', 'c', 'd', 'e', 'f'], 'a, b, c, d, e and 1 more'],
])('names of %j: %s', (names, told) => {
  expect(nameSome(names)).toBe(told);
});
