// DATABASE_POOL_SIZE, and the limits that go with it, are totals of all workers: shared out whole, and nobody is left without
// a connection. A part that is too small to keep any of it for neighbours is warned of.
import { parseEnvironment } from './config/environment.js';
import { poolShare, smallShareWarning, workerVariables } from './pool-share.js';

const shares = (total: number, workers: number): number[] =>
  Array.from({ length: workers }, (_, place) => poolShare(total, workers, place));

it.each([
  [10, 1, [10]],
  [10, 2, [5, 5]],
  [10, 4, [3, 3, 2, 2]],
  [4, 4, [1, 1, 1, 1]],
  [2, 4, [1, 1, 1, 1]],
  [0, 2, [0, 0]],
])('shares %i connections among %i workers as %j', (total, workers, expected) => {
  expect(shares(total, workers)).toEqual(expected);
});

it('gives each worker its part of what is told for all of them', () => {
  const variables = { WORKERS: '4', DATABASE_POOL_SIZE: '40', TENANT_MAX_CONNECTIONS: '10' };
  const environment = parseEnvironment({ ...variables, TENANT_MAX_WAITING: '0' });
  expect([workerVariables(environment, 0), workerVariables(environment, 3)]).toEqual(
    ['3', '2'].map((tenantMaxConnections) => ({
      DATABASE_POOL_SIZE: '10',
      DATABASE_MAX_WAITING: '1250',
      TENANT_MAX_CONNECTIONS: tenantMaxConnections,
      TENANT_MAX_WAITING: '0',
    })),
  );
});

it('leaves a limit of connections that was not set to each worker', () => {
  const environment = parseEnvironment({ WORKERS: '2' });
  expect(workerVariables(environment, 0)).not.toHaveProperty('TENANT_MAX_CONNECTIONS');
});

it('warns of parts that one tenant may take whole, and says what is enough', () => {
  const warning = smallShareWarning(parseEnvironment({ WORKERS: '4' }));
  expect(warning).toContain('10 connections for 4 workers');
  expect(warning).toContain('DATABASE_POOL_SIZE=16');
});

it.each([{ DATABASE_POOL_SIZE: '16' }, { TENANT_MAX_CONNECTIONS: '4' }])(
  'warns of none where neighbours have a part, or a limit was set: %j',
  (variables) => {
    const environment = parseEnvironment({ WORKERS: '4', ...variables });
    expect(smallShareWarning(environment)).toBeUndefined();
  },
);
