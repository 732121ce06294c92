// A replica that ends and comes back: reads go on, on the primary, and return to the replica by themselves.
import type { DataSource } from 'typeorm';
import { tenantContext } from '../../src/index.js';
import { sendWarningsTo } from '../../src/core/warnings.js';
import { until } from 'test-support/poll.js';
import {
  type ReplicatedPostgres,
  startReplicatedPostgres,
} from 'test-support/streaming-replica.js';
import { A, B, Note, openTenantDataSource } from '../tenancy/support.js';
import {
  createTenantsWithRoles,
  type TenantsWithRoles,
} from '../tenancy/roles/tenants-with-roles.js';
import { onReplica, openReplicated, readsOnReplica, textsOf, untilOnReplica } from './support.js';

let servers: ReplicatedPostgres;
let tenants: TenantsWithRoles;
let dataSource: DataSource;
const warnings: string[] = [];

beforeAll(async () => {
  sendWarningsTo((message, source) => {
    if (source === 'Replica') warnings.push(message);
  });
  servers = await startReplicatedPostgres();
  tenants = await createTenantsWithRoles();
  for (const { schema } of [A, B]) {
    await tenants.sql(`INSERT INTO ${schema}.notes (text) VALUES ('${schema}')`);
  }
  await servers.catchUp();
});

beforeEach(async () => {
  dataSource = await openReplicated(servers, tenants, { isolation: 'role' });
  warnings.length = 0;
});

afterEach(() => dataSource.destroy());

afterAll(async () => {
  await tenants.drop();
  await servers.stop();
});

/** Reads of both tenants in a loop, until `stop()` gives their number and the answers that were wrong. */
function load(): { stop(): Promise<{ reads: number; wrong: unknown[] }>; reads(): number } {
  let isOver = false;
  let reads = 0;
  const wrong: unknown[] = [];
  const readers = [A, B, A, B].map(async (tenant) => {
    while (!isOver) {
      const read = await textsOf(dataSource, tenant).catch((error: unknown) => error);
      reads += 1;
      if (String(read) !== tenant.schema) wrong.push(read);
    }
  });
  return {
    reads: () => reads,
    async stop() {
      isOver = true;
      await Promise.all(readers);
      return { reads, wrong };
    },
  };
}

it.each(['SIGINT', 'SIGQUIT'] as const)(
  'answers all reads while the replica ends by %s, and uses it again after its start',
  async (signal) => {
    const running = load();
    await until('reads ran on the replica', () => running.reads() > 50);
    await servers.stopReplica(signal);
    const ended = running.reads();
    await until('reads ran without the replica', () => running.reads() > ended + 200);
    expect(await readsOnReplica(dataSource)).toBe(false);
    await servers.startReplica();
    await untilOnReplica(dataSource);
    expect((await running.stop()).wrong).toEqual([]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^The replica 127\.0\.0\.1:\d+\/\w+ cannot be reached: .+ Reads use other/,
      ),
      expect.stringMatching(/^The replica 127\.0\.0\.1:\d+\/\w+ answers again\. Reads use it\.$/),
    ]);
    expect(warnings.join()).not.toContain('secret');
  },
);

it('repeats a read that was running when the replica ended, but not a transaction', async () => {
  const slow = 'SELECT pg_catalog.pg_sleep(CASE WHEN pg_catalog.pg_is_in_recovery() THEN 60 END)';
  const runner = dataSource.createQueryRunner('slave');
  const [read, inTransaction] = tenantContext.run(A, () => [
    onReplica(dataSource, slow),
    runner.startTransaction().then(() => runner.query(slow)),
  ]);
  const failure = inTransaction.catch((error: unknown) => error);
  await until('both statements run', async () => {
    const active = `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'`;
    return (await servers.sqlOnReplica(active)).length === 2;
  });
  await servers.stopReplica();
  expect(await read).toHaveLength(1);
  // The control: without the repetition the read would fail as the transaction does.
  expect(await failure).toBeInstanceOf(Error);
  await runner.release();
  await servers.startReplica();
});

it('starts while the replica is unavailable, and uses it when it answers', async () => {
  await servers.stopReplica();
  const url = tenants.loginUrl;
  const other = await openTenantDataSource(tenants, {
    isolation: 'role',
    url: undefined,
    replication: { master: { url }, slaves: [{ url: servers.onReplica(url) }] },
  });
  expect(await tenantContext.run(A, () => other.manager.count(Note))).toBe(1);
  await until('the outage is logged', () => warnings.length > 0);
  await servers.startReplica();
  await untilOnReplica(other);
  await other.destroy();
});

it('reads for each tenant from the primary until a restarted replica has caught up', async () => {
  await servers.stopReplica();
  await servers.startReplica();
  await servers.whilePaused(async () => {
    await tenants.sql(`INSERT INTO tenant_b.notes (text) VALUES ('new')`);
    // The pool has already noticed the end of its connections.
    await until('the connections are closed', async () => !(await readsOnReplica(dataSource, B)));
    expect(await textsOf(dataSource, B)).toEqual(['tenant_b', 'new']);
  });
  await untilOnReplica(dataSource);
  await tenants.sql(`DELETE FROM tenant_b.notes WHERE text = 'new'`);
  await servers.catchUp();
});

it('reads from the other replica while one is unavailable', async () => {
  const url = tenants.loginUrl;
  const away = new URL(url);
  away.port = '1';
  const slaves = [{ url: away.toString() }, { url: servers.onReplica(url) }];
  const replication = { master: { url }, slaves };
  const options = { isolation: 'role', url: undefined, replication } as const;
  const other = await openTenantDataSource(tenants, options);
  await untilOnReplica(other);
  const servedBy = await Promise.all(Array.from({ length: 20 }, () => readsOnReplica(other)));
  expect(servedBy).toEqual(Array(20).fill(true));
  await other.destroy();
});
