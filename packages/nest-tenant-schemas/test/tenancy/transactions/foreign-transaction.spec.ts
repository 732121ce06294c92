// The EntityManager of a transaction of A, used inside run(B), is refused before anything is sent: nothing is
// read or written in either tenant, and A's transaction goes on, or rolls back, as if nothing had happened.
import type { DataSource, EntityManager } from 'typeorm';
import {
  dataSourceFor,
  TENANT_SCHEMA,
  tenantContext,
  TenantMismatchError,
} from '../../../src/index.js';
import { TenantClient } from '../../../src/connection/client/tenant-client.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  B,
  createTwoTenants,
  emptyTenants,
  Note,
  openTenantDataSource,
  storedTexts,
} from '../support.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, { poolSize: 2 });
});

beforeEach(async () => {
  await emptyTenants(database);
  await addNote(dataSource, A);
  await addNote(dataSource, B);
});

afterEach(() => jest.restoreAllMocks());

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const inTransactionOfA = <T>(work: (manager: EntityManager) => Promise<T>): Promise<T> =>
  tenantContext.run(A, () => dataSource.transaction(work));

const USES: [string, (manager: EntityManager) => Promise<unknown>][] = [
  ['find', (manager) => manager.find(Note)],
  ['save', (manager) => manager.save(Note, { text: 'foreign' })],
  ['insert', (manager) => manager.insert(Note, { text: 'foreign' })],
  ['update by id', (manager) => manager.update(Note, 1, { text: 'foreign' })],
  ['delete by id', (manager) => manager.delete(Note, 1)],
  ['a repository', (manager) => manager.getRepository(Note).count()],
  ['a query builder', (manager) => manager.createQueryBuilder(Note, 'note').getMany()],
  ['raw SQL', (manager) => manager.query(`DELETE FROM "${TENANT_SCHEMA}".notes`)],
  ['a nested transaction', (outer) => outer.transaction((inner) => inner.find(Note))],
];

it.each(USES)('refuses %s, and lets the transaction of A go on and commit', async (_, use) => {
  await inTransactionOfA(async (manager) => {
    await manager.save(Note, { text: 'before' });
    const foreign = tenantContext.run(B, () => use(manager));
    const error: unknown = await foreign.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TenantMismatchError);
    expect(error).toMatchObject({ ownerSchema: A.schema, currentSchema: B.schema });
    await manager.save(Note, { text: 'after' });
  });
  expect(await storedTexts(database, A)).toEqual([A.schema, 'before', 'after']);
  expect(await storedTexts(database, B)).toEqual([B.schema]);
});

it('rolls the transaction of A back when the refusal leaves it', async () => {
  const failing = inTransactionOfA(async (manager) => {
    await manager.save(Note, { text: 'undone' });
    await tenantContext.run(B, () => manager.find(Note));
  });
  await expect(failing).rejects.toThrow(TenantMismatchError);
  expect(await storedTexts(database, A)).toEqual([A.schema]);
  expect(await storedTexts(database, B)).toEqual([B.schema]);
});

it('refuses in B a repository of B that is moved into the transaction of A', async () => {
  const repository = dataSource.getRepository(Note);
  await inTransactionOfA(async (manager) => {
    const moved = tenantContext.run(B, () => manager.withRepository(repository).find());
    await expect(moved).rejects.toThrow(TenantMismatchError);
    // What is not of the transaction stays the current tenant's.
    expect(await tenantContext.run(B, () => repository.find())).toMatchObject([{ text: B.schema }]);
  });
});

it('allows the transaction of a bound handle of A, which says whose it is', async () => {
  await tenantContext.run(B, () =>
    dataSourceFor(dataSource, A).transaction((manager) =>
      manager.save(Note, { text: 'by handle' }),
    ),
  );
  expect(await storedTexts(database, A)).toEqual([A.schema, 'by handle']);
  expect(await storedTexts(database, B)).toEqual([B.schema]);
});

describe('control: clients that are not asked whose they are', () => {
  it("read A's rows, and write into A, while B is current", async () => {
    jest.spyOn(TenantClient.prototype, 'assertOwnTenant').mockReturnValue();
    await inTransactionOfA(async (manager) => {
      await tenantContext.run(B, async () => {
        expect(await manager.find(Note)).toMatchObject([{ text: A.schema }]);
        await manager.insert(Note, { text: 'foreign' });
      });
    });
    expect(await storedTexts(database, A)).toEqual([A.schema, 'foreign']);
  });
});
