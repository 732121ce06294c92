// Which checkout is next: a tenant's share, turns among tenants, bounded and timed waits.
import { PoolExhaustedError } from '../../errors/connection/pool-exhausted.error.js';
import { connectionLimits } from './connection-limits.js';
import { ConnectionScheduler } from './connection-scheduler.js';
import { type PooledConnection, PooledConnections } from './pooled-connections.js';

/** A scheduler of 4, 2 for each tenant, and what it decided, in order: `a1` got one, `a1:late` did not. */
function schedulerOf(limits = {}): {
  scheduler: ConnectionScheduler;
  decided: string[];
  ask(...names: string[]): void;
} {
  const all = connectionLimits(4, { maxConnectionsPerTenant: 2, ...limits });
  const scheduler = new ConnectionScheduler(4, all, new PooledConnections({}));
  const decided: string[] = [];
  const ask = (...names: string[]): void => {
    for (const name of names) {
      scheduler.acquire(tenantOf(name), false, (error) => {
        const why = error instanceof PoolExhaustedError ? `${error.share},${error.reason}` : error;
        decided.push(why === undefined ? name : `${name}:${String(why)}`);
      });
    }
  };
  return { scheduler, decided, ask };
}

/** The tenant `a` of `a1`; `0` is for no tenant. */
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
  const { scheduler, decided, ask } = schedulerOf();
  ask('a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1');
  expect([decided, scheduler.waiting]).toEqual([['a1', 'a2', 'b1', 'b2'], 3]);
});

it('hands on what comes back: in order within a tenant, by turns among tenants', () => {
  const { scheduler, decided, ask } = schedulerOf();
  ask('a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'c3', 'd1', 'd2');
  for (const tenant of ['a', 'b', 'a', 'b']) scheduler.release(tenant);
  expect(decided.slice(4)).toEqual(['c1', 'd1', 'c2', 'd2']);
  scheduler.release('c');
  expect([decided.at(-1), scheduler.waiting]).toEqual(['c3', 0]);
});

it('passes over a tenant that has its share, and serves it when it releases one', () => {
  const { scheduler, decided, ask } = schedulerOf();
  ask('a1', 'a2', 'b1', 'b2', 'a3', 'c1');
  scheduler.release('b');
  expect(decided.at(-1)).toBe('c1');
  scheduler.release('b');
  expect(decided.at(-1)).toBe('c1');
  scheduler.release('a');
  expect(decided.at(-1)).toBe('a3');
});

it('lets work for no tenant have the whole pool, but no more than its turn', () => {
  const { scheduler, decided, ask } = schedulerOf();
  ask('01', '02', '03', '04', '05', '06', 'a1');
  expect(decided).toEqual(['01', '02', '03', '04']);
  for (let times = 0; times < 3; times++) scheduler.release(undefined);
  expect(decided.slice(4)).toEqual(['05', 'a1', '06']);
});

it('refuses at once what would be one too many to wait, of a tenant or in all', () => {
  const { decided, ask } = schedulerOf({ maxWaitingPerTenant: 1, maxWaiting: 2 });
  ask('a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3', 'c1');
  expect(decided).toEqual(['a1', 'a2', 'a4:tenant,full', 'b1', 'b2', 'c1:pool,full']);
});

it('refuses what waits too long, and goes on with the others', () => {
  const { scheduler, decided, ask } = schedulerOf({ maxWaitMs: 100 });
  ask('a1', 'a2', 'b1', 'b2', 'a3', 'c1');
  jest.advanceTimersByTime(99);
  ask('c2');
  jest.advanceTimersByTime(1);
  expect(decided.slice(4)).toEqual(['a3:tenant,late', 'c1:pool,late']);
  scheduler.release('a');
  expect([decided.at(-1), scheduler.waiting, jest.getTimerCount()]).toEqual(['c2', 0, 0]);
});

it('refuses every checkout that waits when it is closed', () => {
  const { scheduler, decided, ask } = schedulerOf();
  ask('a1', 'a2', 'a3', 'b1', 'b2', 'c1');
  scheduler.close(new Error('over'));
  expect(decided.slice(4)).toEqual(['a3:Error: over', 'c1:Error: over']);
  expect([scheduler.waiting, jest.getTimerCount()]).toEqual([0, 0]);
});

it('remembers nothing of tenants that have released everything', () => {
  const { scheduler, ask } = schedulerOf({ maxWaitingPerTenant: 0 });
  for (let tenant = 0; tenant < 100; tenant++) {
    const name = String.fromCharCode(0x4e00 + tenant);
    ask(name, name, name);
    scheduler.release(name);
    scheduler.release(name);
  }
  expect((scheduler as unknown as { quotas: Map<string, unknown> }).quotas.size).toBe(0);
});

it('counts right when a checkout releases its connection, or asks again, at once', () => {
  const { scheduler, decided, ask } = schedulerOf();
  ask('a1', 'a2');
  scheduler.acquire('a', false, () => {
    scheduler.release('a');
    ask('a4');
  });
  scheduler.release('a');
  scheduler.release('a');
  scheduler.release('a');
  ask('a5', 'a6', 'a7');
  expect([decided, scheduler.waiting]).toEqual([['a1', 'a2', 'a4', 'a5', 'a6'], 1]);
});

describe('if all connections that have visited a schema are busy', () => {
  const visitor = connection(1, 'a');
  const stranger = connection(2, 'b');
  let pool: { _clients: PooledConnection[]; _idle: { client: PooledConnection }[] };
  let scheduler: ConnectionScheduler;
  let served: string[];

  function connection(number: number, ...schemas: string[]): PooledConnection {
    return { number, visitedSchemas: new Set(schemas) };
  }

  /** A pool of two, or more. Tenant a has the one that has visited its schema. */
  function open(limits = {}, poolSize = 2): void {
    pool = { _clients: [visitor, stranger], _idle: [{ client: stranger }] };
    const all = connectionLimits(poolSize, { maxConnectionsPerTenant: poolSize, ...limits });
    scheduler = new ConnectionScheduler(poolSize, all, new PooledConnections(pool));
    served = [];
    scheduler.acquire('a', true, () => undefined);
  }

  /** As pg-pool, each that is served takes the last of the idle connections, or a new one. */
  const ask = (name: string, takesAny = false): void =>
    scheduler.acquire(tenantOf(name), takesAny, (error) => {
      served.push(error ? `${name}:${(error as PoolExhaustedError).reason}` : name);
      if (!error) pool._idle.pop();
    });

  function release(schema: string, client: PooledConnection): void {
    pool._idle.push({ client });
    scheduler.release(schema);
  }

  function close(schema: string, client: PooledConnection): void {
    pool._clients = pool._clients.filter((other) => other !== client);
    scheduler.release(schema);
  }

  it('waits for the first of them to come back, whichever others come back', () => {
    open({}, 4);
    ask('01');
    ask('a1');
    pool._idle.push({ client: connection(3, 'b', 'c') });
    scheduler.release(undefined);
    expect(served).toEqual(['01']);
    release('a', visitor);
    expect([served, jest.getTimerCount()]).toEqual([['01', 'a1'], 0]);
  });

  it('grants a released connection to the first waiting checkout', () => {
    open({}, 4);
    ask('a1');
    ask('a2');
    release('a', visitor);
    expect(served).toEqual(['a1']);
  });

  it('gives other tenants the declined connection, and in a smaller pool the waiter next', () => {
    open();
    ask('a1');
    ask('b1');
    expect(served).toEqual(['b1']);
    ask('b2');
    jest.advanceTimersByTime(50);
    expect(served).toEqual(['b1']);
    release('b', stranger);
    expect(served).toEqual(['b1', 'a1']);
  });

  it('does not wait for the last one when that was closed at its release', () => {
    open({}, 4);
    ask('a1');
    ask('a2');
    close('a', visitor);
    expect(served).toEqual(['a1', 'a2']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('goes on waiting when one of several was closed at its release', () => {
    open({}, 4);
    const other = connection(3, 'a');
    pool._clients.push(other);
    ask('a1');
    close('a', visitor);
    expect(served).toEqual([]);
    release('a', other);
    expect(served).toEqual(['a1']);
  });

  it('takes any when it has waited long enough', () => {
    open();
    ask('a1');
    jest.advanceTimersByTime(49);
    expect(served).toEqual([]);
    jest.advanceTimersByTime(1);
    expect([served, jest.getTimerCount()]).toEqual([['a1'], 0]);
  });

  it('waits eight times in all, and again once another connection has visited the schema', () => {
    open({}, 4);
    for (let wait = 1; wait <= 8; wait++) {
      ask(`a${wait}`);
      expect(served).toHaveLength(wait - 1);
      release('a', visitor);
    }
    ask('a9');
    expect(served.at(-1)).toBe('a9');
    ask('a10');
    expect(served.at(-1)).toBe('a9');
  });

  it('does not wait for a schema that no connection has visited', () => {
    open();
    ask('unknown');
    expect(served).toEqual(['unknown']);
  });

  it('does not wait if it takes any, though others do', () => {
    open({}, 4);
    ask('a1');
    ask('a2', true);
    expect(served).toEqual(['a2']);
  });

  it('serves instead of refusing, if no more may wait or the wait is over', () => {
    open({ maxWaitingPerTenant: 1, maxWaitMs: 20 }, 4);
    ask('a1');
    ask('a2');
    expect(served).toEqual(['a2']);
    jest.advanceTimersByTime(20);
    expect([served, jest.getTimerCount()]).toEqual([['a2', 'a1'], 0]);
  });
});
