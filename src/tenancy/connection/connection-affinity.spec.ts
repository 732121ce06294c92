// Which idle connection a schema is served by: the same as before where it can be, and an even part for each.
import { placeOfBest } from './connection-affinity.js';

const SCHEMAS = Array.from({ length: 1000 }, (_, index) => `tenant_${index}`);

function idleOf(...numbers: number[]): { client: { number: number } }[] {
  return numbers.map((number) => ({ client: { number } }));
}

/** The number of the connection that each schema is served by. */
function bestOf(idle: ReturnType<typeof idleOf>): (number | undefined)[] {
  return SCHEMAS.map((schema) => idle[placeOfBest(schema, idle)]?.client.number);
}

it('has no best of none', () => {
  expect(placeOfBest('tenant', [])).toBe(-1);
});

it('is the same whatever the order in which connections became idle', () => {
  expect(bestOf(idleOf(1, 2, 3, 4))).toEqual(bestOf(idleOf(3, 1, 4, 2)));
});

it('gives each connection its part of the schemas', () => {
  const best = bestOf(idleOf(7, 8, 9, 10));
  for (const number of [7, 8, 9, 10]) {
    const { length } = best.filter((each) => each === number);
    expect([number, length > 200 && length < 300]).toEqual([number, true]);
  }
});

it('moves only the schemas of a connection that is busy, and spreads those over the others', () => {
  const all = bestOf(idleOf(1, 2, 3, 4));
  const without = bestOf(idleOf(1, 2, 3));
  const moved = without.filter((_number, index) => all[index] === 4);
  expect(without.filter((number, index) => all[index] !== 4 && number !== all[index])).toEqual([]);
  expect(new Set(moved)).toEqual(new Set([1, 2, 3]));
});

it('moves only what the new connection takes when one is replaced', () => {
  const before = bestOf(idleOf(1, 2, 3, 4));
  const after = bestOf(idleOf(1, 2, 3, 5));
  const moved = after.filter((number, index) => before[index] !== 4 && number !== before[index]);
  expect(new Set(moved)).toEqual(new Set([5]));
});
