// Which connection a schema is served by: one that knows it, always the same, waited for a little where it is busy; else
// each has its part of the schemas.
import { type Acquainted, ConnectionAffinity, placeOfBest } from './connection-affinity.js';

function idle(number: number, ...schemas: string[]): { client: Acquainted } {
  return { client: { number, schemasMet: new Set(schemas) } };
}

/** Number of the connection that tenant a is served by. */
function bestFor(...list: { client: Acquainted }[]): number | undefined {
  return list[placeOfBest('a', list)]?.client.number;
}

it('has no best of none', () => {
  expect(placeOfBest('a', [])).toBe(-1);
});

it('is one that has met the schema, however many others that one has met', () => {
  expect(bestFor(idle(1), idle(2, 'a', 'b', 'c'), idle(3, 'b'))).toBe(2);
});

describe('where all have met all schemas', () => {
  const schemas = Array.from({ length: 400 }, (_, index) => `tenant_${index}`);
  const all = Array.from({ length: 16 }, (_, index) => idle(index + 1, ...schemas));
  const numberOf = (schema: string, list = all): number | undefined =>
    list[placeOfBest(schema, list)]?.client.number;

  it('is the same one for a schema, whatever the order in which they became idle', () => {
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

  it('is another one only for the schemas of one that is busy, and not the same one for all of them', () => {
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

it('is the last of those that have met none, as behind a pooler, so that a pool can shrink', () => {
  expect([bestFor(idle(1), idle(2)), bestFor(idle(2), idle(1))]).toEqual([2, 1]);
});

it('is the one that has met fewest where none has met it', () => {
  expect(bestFor(idle(1, 'b', 'c'), idle(2, 'd'), idle(3, 'b', 'c'))).toBe(2);
});

describe('where all connections that know a schema are busy', () => {
  const knower = idle(1, 'a');
  const stranger = idle(2, 'b');
  let pool: { _clients: Acquainted[]; _idle: { client: Acquainted }[] };
  let affinity: ConnectionAffinity;
  let proceeded: number;

  beforeEach(() => {
    jest.useFakeTimers();
    pool = { _clients: [knower.client, stranger.client], _idle: [stranger] };
    affinity = new ConnectionAffinity(pool);
    proceeded = 0;
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const seek = (schema: string): void => affinity.seek(schema, () => (proceeded += 1));

  function giveBack(connection: { client: Acquainted }): void {
    pool._idle.push(connection);
    affinity.returned(connection.client);
  }

  it('waits for the first of them to come back, whoever else comes back', () => {
    seek('a');
    giveBack(idle(3, 'b', 'c'));
    expect(proceeded).toBe(0);
    giveBack(knower);
    expect(proceeded).toBe(1);
  });

  it('gives it to one of those who wait', () => {
    seek('a');
    seek('a');
    giveBack(knower);
    expect(proceeded).toBe(1);
  });

  it('does not wait for the last one when that was closed at its release', () => {
    seek('a');
    seek('a');
    pool._clients = [stranger.client];
    affinity.returned(knower.client);
    expect(proceeded).toBe(2);
    jest.advanceTimersByTime(50);
    expect(proceeded).toBe(2);
  });

  it('goes on waiting when one of several was closed at its release', () => {
    const other = idle(3, 'a');
    pool._clients = [other.client, stranger.client];
    seek('a');
    affinity.returned(knower.client);
    expect(proceeded).toBe(0);
    giveBack(other);
    expect(proceeded).toBe(1);
  });

  it('goes on when it has waited long enough', () => {
    seek('a');
    jest.advanceTimersByTime(49);
    expect(proceeded).toBe(0);
    jest.advanceTimersByTime(1);
    expect(proceeded).toBe(1);
    giveBack(knower);
    expect(proceeded).toBe(1);
  });

  it('waits eight times in all, and again once another connection has met the schema', () => {
    for (let wait = 1; wait <= 8; wait++) {
      seek('a');
      expect(proceeded).toBe(wait - 1);
      giveBack(knower);
      pool._idle.pop();
    }
    seek('a');
    expect(proceeded).toBe(9);
    seek('a');
    expect(proceeded).toBe(9);
  });

  it('does not wait for a schema that nobody knows', () => {
    seek('unknown');
    expect(proceeded).toBe(1);
  });
});
