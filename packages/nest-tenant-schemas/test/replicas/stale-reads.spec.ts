// Reads on a streaming replica: while its replay is paused, the rows show which server answered.
import type { DataSource } from 'typeorm';
import { dataSourceFor, ReplicaReadOnlyError, tenantContext } from '../../src/index.js';
import {
  type ReplicatedPostgres,
  startReplicatedPostgres,
} from 'test-support/streaming-replica.js';
import { A, addNote, B, Notice, Note, storedTexts } from '../tenancy/support.js';
import {
  createTenantsWithRoles,
  EVERY_SETTING,
  type TenantsWithRoles,
} from '../tenancy/roles/tenants-with-roles.js';
import { isOnReplica, onReplica, openReplicated, texts, textsOf } from './support.js';

let servers: ReplicatedPostgres;
let tenants: TenantsWithRoles;

beforeAll(async () => {
  servers = await startReplicatedPostgres();
  tenants = await createTenantsWithRoles();
  await servers.catchUp();
});

afterAll(async () => {
  await tenants.drop();
  await servers.stop();
});

describe.each(EVERY_SETTING)('with %s ahead of statements', (_title, options) => {
  let dataSource: DataSource;

  beforeAll(async () => {
    for (const { schema } of [A, B]) {
      await tenants.sql(`TRUNCATE ${schema}.notes RESTART IDENTITY CASCADE`);
      await tenants.sql(`INSERT INTO ${schema}.notes (text) VALUES ('${schema} before')`);
    }
    await servers.catchUp();
    dataSource = await openReplicated(servers, tenants, options);
  });

  afterAll(() => dataSource.destroy());

  it('reads stale rows of the own tenant, in each scope that has not written', async () => {
    await servers.whilePaused(async () => {
      await addNote(dataSource, A, 'stale 1');
      expect(await storedTexts(tenants, A)).toContain('stale 1');
      expect(await textsOf(dataSource, A)).toEqual(['tenant_a before']);
      expect(await textsOf(dataSource, B)).toEqual(['tenant_b before']);
      const handle = dataSourceFor(dataSource, A);
      expect(await tenantContext.run(B, () => texts(handle))).toEqual(['tenant_a before']);
    });
    expect(await textsOf(dataSource, A)).toContain('stale 1');
  });

  it('reads from the primary after a write in the same scope or handle', async () => {
    await servers.whilePaused(async () => {
      await tenantContext.run(A, async () => {
        expect(await texts(dataSource)).not.toContain('own');
        await dataSource.manager.insert(Note, { text: 'own' });
        expect(await texts(dataSource)).toContain('own');
        expect(await tenantContext.run(A, () => texts(dataSource))).toContain('own');
      });
      const handle = dataSourceFor(dataSource, A);
      expect(await texts(handle)).not.toContain('own');
      await handle.manager.insert(Note, { text: 'of handle' });
      expect(await texts(handle)).toContain('of handle');
    });
  });

  it('reads from the primary in a transaction, by raw SQL, and without a tenant', async () => {
    await servers.whilePaused(async () => {
      await addNote(dataSource, A, 'current');
      await tenants.sql(`INSERT INTO public.notices (text) VALUES ('current')`);
      const ways: (() => Promise<unknown>)[] = [
        () => dataSource.transaction((manager) => texts({ manager })),
        () => dataSource.query(`SELECT text FROM "__tenant__".notes`),
        () => tenantContext.readFromPrimary(() => texts(dataSource)),
        () => tenantContext.readFromPrimary(() => textsOf(dataSource, A)),
        () => tenantContext.runWithoutTenant(() => dataSource.manager.find(Notice)),
      ];
      for (const read of ways) {
        expect(JSON.stringify(await tenantContext.run(A, read))).toContain('current');
      }
      // Control: another read of the same tenant is stale.
      expect(await textsOf(dataSource, A)).not.toContain('current');
    });
  });

  it('counts a write inside readFromPrimary() for the scope around it', async () => {
    await tenantContext.run(A, async () => {
      expect(await isOnReplica(dataSource)).toBe(true);
      expect(await tenantContext.readFromPrimary(() => isOnReplica(dataSource))).toBe(false);
      expect(await isOnReplica(dataSource)).toBe(true);
      await tenantContext.readFromPrimary(() => dataSource.manager.insert(Note, { text: 'in' }));
      expect(await isOnReplica(dataSource)).toBe(false);
    });
  });

  it('repeats a read on the primary if the replica does not have the table yet', async () => {
    await servers.whilePaused(async () => {
      await tenants.sql('DROP TABLE IF EXISTS tenant_a.fresh');
      await tenants.sql(`CREATE TABLE tenant_a.fresh AS SELECT 'fresh' AS text`);
      await tenants.sql(`GRANT SELECT ON tenant_a.fresh TO "${tenants.roleOf(A)}"`);
      const read = tenantContext.run(A, () =>
        onReplica(dataSource, 'SELECT text FROM "__tenant__".fresh'),
      );
      expect(await read).toEqual([{ text: 'fresh' }]);
      await tenants.sql('DROP TABLE tenant_a.fresh');
    });
  });

  it('reports a statement that writes on the replica, and changes nothing', async () => {
    const write = tenantContext.run(A, () =>
      onReplica(dataSource, `INSERT INTO "__tenant__".notes (text) VALUES ('on replica')`),
    );
    const error = await write.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ReplicaReadOnlyError);
    expect((error as Error).message).toContain('cannot execute INSERT in a read-only transaction');
    expect(await storedTexts(tenants, A)).not.toContain('on replica');
  });

  it('gives many reads at once on the replica the rows of their own tenants', async () => {
    const reads = await Promise.all(
      Array.from({ length: 40 }, (_, index) => textsOf(dataSource, index % 2 === 0 ? A : B)),
    );
    const foreign = reads.filter(([first], index) => first !== `tenant_${'ab'[index % 2]} before`);
    expect(foreign).toEqual([]);
  });

  it('lets PostgreSQL reject SQL for another tenant on the replica, with roles only', async () => {
    const read = tenantContext.run(A, async () => {
      expect(await isOnReplica(dataSource)).toBe(true);
      return onReplica<{ text: string }>(dataSource, 'SELECT text FROM tenant_b.notes LIMIT 1');
    });
    const outcome = await read.then(JSON.stringify, String);
    // Without roles PostgreSQL does not protect it: the control.
    const expected = options.isolation === 'role' ? 'permission denied' : 'tenant_b before';
    expect(outcome).toContain(expected);
  });
});
