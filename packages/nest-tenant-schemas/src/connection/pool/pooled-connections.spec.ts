// Which idle connection serves a schema: one that has visited it, always the same; else each has its part of the schemas.
import { type PooledConnection, PooledConnections, placeOfBest } from './pooled-connections.js';

function idle(number: number, ...schemas: string[]): { client: PooledConnection } {
  return { client: { number, visitedSchemas: new Set(schemas) } };
}

/** Number of the connection that tenant a is served by. */
function bestFor(...list: { client: PooledConnection }[]): number | undefined {
  return list[placeOfBest('a', list)]?.client.number;
}

it('has no best of none', () => {
  expect(placeOfBest('a', [])).toBe(-1);
});

it('is one that has visited the schema, however many others that one has visited', () => {
  expect(bestFor(idle(1), idle(2, 'a', 'b', 'c'), idle(3, 'b'))).toBe(2);
});

describe('if all have visited all schemas', () => {
  const schemas = Array.from({ length: 400 }, (_, index) => `tenant_${index}`);
  const all = Array.from({ length: 16 }, (_, index) => idle(index + 1, ...schemas));
  const numberOf = (schema: string, list = all): number | undefined =>
    list[placeOfBest(schema, list)]?.client.number;

  it('is the same one for a schema, in any order of becoming idle', () => {
    const others = all.toReversed();
    expect(schemas.map((schema) => numberOf(schema, others))).toEqual(
      schemas.map((schema) => numberOf(schema)),
    );
  });

  it('has each serve its part of them', () => {
    const served = all.map(
      ({ client }) => schemas.filter((schema) => numberOf(schema) === client.number).length,
    );
    // 25 would be all alike.
    expect(Math.min(...served)).toBeGreaterThan(10);
    expect(Math.max(...served)).toBeLessThan(50);
  });

  it('is another one only for schemas of a busy connection, and not the same for all', () => {
    const [busy, ...others] = all;
    const [moved, stayed] = [true, false].map((isMoved) =>
      schemas.filter((schema) => (numberOf(schema) === busy?.client.number) === isMoved),
    );
    expect(stayed?.map((schema) => numberOf(schema, others))).toEqual(
      stayed?.map((schema) => numberOf(schema)),
    );
    expect(new Set(moved?.map((schema) => numberOf(schema, others))).size).toBeGreaterThan(5);
  });
});

it('is the last idle one if none has visited a schema, so that a pool can shrink', () => {
  expect([bestFor(idle(1), idle(2)), bestFor(idle(2), idle(1))]).toEqual([2, 1]);
});

it('is the one that has visited fewest if none has visited it', () => {
  expect(bestFor(idle(1, 'b', 'c'), idle(2, 'd'), idle(3, 'b', 'c'))).toBe(2);
});

it('moves the best ahead of those that are chosen already', () => {
  const list = [idle(1, 'a'), idle(2, 'b'), idle(3, 'a')];
  const connections = new PooledConnections({ _idle: list, _pendingQueue: [{}] });
  expect([connections.moveBestToFront('a'), connections.moveBestToFront('c')]).toEqual([
    true,
    false,
  ]);
  expect(list.map(({ client }) => client.number)).toEqual([2, 1, 3]);
});

it('leaves the choice to pg-pool if pg-pool hides its lists', () => {
  const connections = new PooledConnections({});
  expect([connections.moveBestToFront('a'), connections.haveVisited('a')]).toEqual([false, false]);
});
