// DATABASE_POOL_SIZE and the limits of the pool are totals of all workers. The workers share them, and each worker gets at least
// one connection. A warning reports shares that one tenant could use alone.
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

it('gives each worker its share of the totals', () => {
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

it('leaves an unset limit of connections to each worker', () => {
  const environment = parseEnvironment({ WORKERS: '2' });
  expect(workerVariables(environment, 0)).not.toHaveProperty('TENANT_MAX_CONNECTIONS');
});

it('warns of shares that one tenant can use alone, and names a size that suffices', () => {
  const warning = smallShareWarning(parseEnvironment({ WORKERS: '4' }));
  expect(warning).toContain('10 connections for 4 workers');
  expect(warning).toContain('DATABASE_POOL_SIZE=16');
});

it.each([{ DATABASE_POOL_SIZE: '16' }, { TENANT_MAX_CONNECTIONS: '4' }])(
  'does not warn if other tenants have a share, or a limit is set: %j',
  (variables) => {
    const environment = parseEnvironment({ WORKERS: '4', ...variables });
    expect(smallShareWarning(environment)).toBeUndefined();
  },
);
