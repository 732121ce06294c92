// Whose turn it is to take a connection: a tenant's share, turns among tenants, bounded and timed waits.
import { PoolExhaustedError } from '../../errors/connection/pool-exhausted.error.js';
import { ConnectionBudget } from './connection-budget.js';
import { connectionLimits } from './connection-limits.js';

/** A budget of 4, 2 for each tenant, and what it decided, in order: `a1` got one, `a1:late` did not. */
function budgetOf(limits = {}): {
  budget: ConnectionBudget;
  decided: string[];
  ask(...names: string[]): void;
} {
  const all = connectionLimits(4, { maxConnectionsPerTenant: 2, ...limits });
  const budget = new ConnectionBudget(4, all);
  const decided: string[] = [];
  const ask = (...names: string[]): void => {
    for (const name of names) {
      budget.ask(tenantOf(name), (error) => {
        const why = error instanceof PoolExhaustedError ? `${error.share},${error.reason}` : error;
        decided.push(why === undefined ? name : `${name}:${String(why)}`);
      });
    }
  };
  return { budget, decided, ask };
}

/** The tenant `a` of `a1`; `0` is nobody's. */
function tenantOf(name: string): string | undefined {
  return name.startsWith('0') ? undefined : name[0];
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it.each([
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 3],
  [5, 4],
  [10, 8],
  [16, 12],
])('leaves a tenant of a pool of %i, by default, %i', (poolSize, share) => {
  expect(connectionLimits(poolSize).maxConnectionsPerTenant).toBe(share);
});

it('lets a tenant have its share at once, and its neighbours theirs', () => {
  const { budget, decided, ask } = budgetOf();
  ask('a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1');
  expect([decided, budget.waiting]).toEqual([['a1', 'a2', 'b1', 'b2'], 3]);
});

it('hands what comes back to whoever may have it: in order within a tenant, by turns among tenants', () => {
  const { budget, decided, ask } = budgetOf();
  ask('a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'c3', 'd1', 'd2');
  for (const tenant of ['a', 'b', 'a', 'b']) budget.giveBack(tenant);
  expect(decided.slice(4)).toEqual(['c1', 'd1', 'c2', 'd2']);
  budget.giveBack('c');
  expect([decided.at(-1), budget.waiting]).toEqual(['c3', 0]);
});

it('passes over a tenant that has its share, and serves it when it gives one back', () => {
  const { budget, decided, ask } = budgetOf();
  ask('a1', 'a2', 'b1', 'b2', 'a3', 'c1');
  budget.giveBack('b');
  expect(decided.at(-1)).toBe('c1');
  budget.giveBack('b');
  expect(decided.at(-1)).toBe('c1');
  budget.giveBack('a');
  expect(decided.at(-1)).toBe('a3');
});

it('lets work for no tenant have the whole pool, but no more than its turn', () => {
  const { budget, decided, ask } = budgetOf();
  ask('01', '02', '03', '04', '05', '06', 'a1');
  expect(decided).toEqual(['01', '02', '03', '04']);
  for (let times = 0; times < 3; times++) budget.giveBack(undefined);
  expect(decided.slice(4)).toEqual(['05', 'a1', '06']);
});

it('refuses at once what would be one too many to wait, of a tenant or in all', () => {
  const { decided, ask } = budgetOf({ maxWaitingPerTenant: 1, maxWaiting: 2 });
  ask('a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3', 'c1');
  expect(decided).toEqual(['a1', 'a2', 'a4:tenant,full', 'b1', 'b2', 'c1:pool,full']);
});

it('refuses what waits too long, and goes on with the others', () => {
  const { budget, decided, ask } = budgetOf({ maxWaitMs: 100 });
  ask('a1', 'a2', 'b1', 'b2', 'a3', 'c1');
  jest.advanceTimersByTime(99);
  ask('c2');
  jest.advanceTimersByTime(1);
  expect(decided.slice(4)).toEqual(['a3:tenant,late', 'c1:pool,late']);
  budget.giveBack('a');
  expect([decided.at(-1), budget.waiting, jest.getTimerCount()]).toEqual(['c2', 0, 0]);
});

it('refuses everybody who waits when it is closed', () => {
  const { budget, decided, ask } = budgetOf();
  ask('a1', 'a2', 'a3', 'b1', 'b2', 'c1');
  budget.close(new Error('over'));
  expect(decided.slice(4)).toEqual(['a3:Error: over', 'c1:Error: over']);
  expect([budget.waiting, jest.getTimerCount()]).toEqual([0, 0]);
});

it('remembers nothing of tenants that have given everything back', () => {
  const { budget, ask } = budgetOf({ maxWaitingPerTenant: 0 });
  for (let tenant = 0; tenant < 100; tenant++) {
    const name = String.fromCharCode(0x4e00 + tenant);
    ask(name, name, name);
    budget.giveBack(name);
    budget.giveBack(name);
  }
  expect((budget as unknown as { shares: Map<string, unknown> }).shares.size).toBe(0);
});

it('counts right when whoever gets a connection gives it back, or asks again, at once', () => {
  const { budget, decided, ask } = budgetOf();
  ask('a1', 'a2');
  budget.ask('a', () => {
    budget.giveBack('a');
    ask('a4');
  });
  budget.giveBack('a');
  budget.giveBack('a');
  budget.giveBack('a');
  ask('a5', 'a6', 'a7');
  expect([decided, budget.waiting]).toEqual([['a1', 'a2', 'a4', 'a5', 'a6'], 1]);
});
