// During a rename of a schema, the work of its tenant continues, or fails because of a missing table. It never reads rows of
// another tenant. Other changes of the schema wait.
import type { DataSource } from 'typeorm';
import {
  TenantConflictError,
  tenantContext,
  TenantNotFoundError,
  TenantRenamer,
} from 'nest-tenant-schemas';
import { beforeStatements } from '../../support/sent-statements.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { until, WAITS_FOR_ADVISORY_LOCK } from '../clone/clone-support.js';
import { migration, newClient, openSchemas, schemasOf, traces } from '../support.js';

const history = [migration(1, 'CREATE TABLE "__tenant__".marks (mark text)')];
const next = migration(2, 'ALTER TABLE "__tenant__".marks ADD COLUMN added int');

let database: TestDatabase;
let dataSource: DataSource;
let renamer: TenantRenamer<ReturnType<typeof newClient>>;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
  renamer = new TenantRenamer(dataSource, schemasOf(dataSource, []).registry);
});

afterEach(async () => {
  jest.restoreAllMocks();
  const { registry, provisioner } = schemasOf(dataSource, []);
  for await (const client of registry.all()) await provisioner.drop(client);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

async function marked(schema: string): Promise<ReturnType<typeof newClient>> {
  const client = newClient(schema);
  await schemasOf(dataSource, history).provisioner.create(client);
  await database.sql(`INSERT INTO ${schema}.marks (mark) VALUES ('${schema}')`);
  return client;
}

it('lets requests of the tenant read their own rows, or none', async () => {
  const [old, other] = [await marked('old'), await marked('other')];
  const seen = new Set<string>();
  let isDone = false;
  const readers = [old, other, { ...old, schema: 'fresh' }].map(async (tenant) => {
    for (; !isDone;) {
      const answer = await tenantContext.run(tenant, () =>
        dataSource.query('SELECT mark FROM "__tenant__".marks').then(
          ([{ mark }]: [{ mark: string }]) => mark,
          ({ code }: { code: string }) => code,
        ),
      );
      seen.add(`${tenant.schema}: ${answer}`);
    }
  });
  for (let round = 0; round < 20; round++) {
    await renamer.rename(old, { schema: 'fresh' });
    await renamer.rename({ ...old, schema: 'fresh' }, { schema: 'old' });
  }
  isDone = true;
  await Promise.all(readers);
  const allowed = ['fresh: 42P01', 'fresh: old', 'old: 42P01', 'old: old', 'other: other'];
  expect(allowed).toEqual(expect.arrayContaining([...seen]));
  expect(seen.size).toBeGreaterThanOrEqual(3);
});

it('leaves a transaction that is under way its rows, whose next statement finds no table', async () => {
  const old = await marked('old');
  await tenantContext.run(old, () =>
    dataSource.transaction(async (manager) => {
      const read = (): Promise<unknown> => manager.query('SELECT mark FROM "__tenant__".marks');
      expect(await read()).toEqual([{ mark: 'old' }]);
      await tenantContext.runWithoutTenant(() => renamer.rename(old, { schema: 'fresh' }));
      await manager.query('SAVEPOINT before');
      await expect(read()).rejects.toMatchObject({ code: '42P01' });
      await manager.query('ROLLBACK TO before');
      // Not even after another tenant gets the name.
    }),
  );
  expect(await database.sql('SELECT mark FROM fresh.marks')).toEqual([{ mark: 'old' }]);
});

it('waits for a migration of the schema, which is applied once', async () => {
  const old = await marked('old');
  const { migrator } = schemasOf(dataSource, [...history, next]);
  let renaming: Promise<unknown> | undefined;
  const spy = beforeStatements(/ADD COLUMN added/, async () => {
    renaming = renamer.rename(old, { schema: 'fresh' });
    await until(database, WAITS_FOR_ADVISORY_LOCK);
  });
  expect(await migrator.migrateTenant(old)).toMatchObject({ status: 'applied' });
  await renaming;
  spy.mockRestore();
  const renamed = { ...old, schema: 'fresh' };
  expect(await migrator.migrateTenant(renamed)).toMatchObject({ status: 'skipped' });
  expect(await database.sql('SELECT mark, added FROM fresh.marks')).toEqual([
    { mark: 'old', added: null },
  ]);
});

it('renames one schema once when ten want to, and gives a name to one of ten', async () => {
  const old = await marked('old');
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) => renamer.rename(old, { schema: `fresh_${index}` })),
  );
  const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  expect(refused).toHaveLength(9);
  for (const error of refused) expect(error).toBeInstanceOf(TenantNotFoundError);
  expect(await traces(database)).toHaveLength(2);

  const many = await Promise.all(Array.from({ length: 5 }, (_, index) => marked(`many_${index}`)));
  const wishes = await Promise.allSettled(
    many.map((client) => renamer.rename(client, { schema: 'wanted' })),
  );
  const without = wishes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  expect(without).toHaveLength(4);
  for (const error of without) expect(error).toBeInstanceOf(TenantConflictError);
});

it('exchanges no rows when two tenants take each other’s name by a third', async () => {
  const [one, two] = [await marked('one'), await marked('two')];
  const third = await renamer.rename(one, { schema: 'third' });
  const second = await renamer.rename(two, { schema: 'one' });
  const first = await renamer.rename(third, { schema: 'two' });
  const read = (tenant: typeof one): Promise<unknown> =>
    tenantContext.run(tenant, () => dataSource.query('SELECT mark FROM "__tenant__".marks'));
  expect(await read(first)).toEqual([{ mark: 'one' }]);
  expect(await read(second)).toEqual([{ mark: 'two' }]);
});
