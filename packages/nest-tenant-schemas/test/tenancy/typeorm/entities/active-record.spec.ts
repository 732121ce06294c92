// Active Record entities find their DataSource in a static property, so what a call acts on is the current
// tenant alone: interleaved tenants keep their own rows, and a call outside every tenant is refused.
import type { DataSource } from 'typeorm';
import {
  dataSourceFor,
  type Tenant,
  tenantContext,
  TenantContextMissingError,
  TenantMismatchError,
} from '../../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  ActiveNote,
  B,
  createTwoTenants,
  emptyTenants,
  openTenantDataSource,
  storedTexts,
} from '../../support.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, { poolSize: 2, entities: [ActiveNote] });
  ActiveNote.useDataSource(dataSource);
});

beforeEach(() => emptyTenants(database));

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** A life of a record: saved, found, changed, found again; another one is saved and removed. */
async function live(): Promise<string[]> {
  const mark = tenantContext.require().schema;
  const record = await ActiveNote.create({ text: mark }).save();
  const found = await ActiveNote.findOneByOrFail({ id: record.id });
  found.text += ' changed';
  await found.save();
  await found.reload();
  const other = await ActiveNote.create({ text: 'removed' }).save();
  await other.remove();
  return (await ActiveNote.find()).map(({ text }) => text);
}

it('keeps each of two interleaved tenants on its own rows', async () => {
  const [inA, inB] = await Promise.all([A, B].map((tenant) => tenantContext.run(tenant, live)));
  expect(inA).toEqual([`${A.schema} changed`]);
  expect(inB).toEqual([`${B.schema} changed`]);
  expect(await storedTexts(database, A)).toEqual(inA);
  expect(await storedTexts(database, B)).toEqual(inB);
});

it('refuses every call outside a tenant', async () => {
  const record = await tenantContext.run(A, () => ActiveNote.create({ text: 'kept' }).save());
  record.text = 'changed';
  for (const call of [
    () => ActiveNote.find(),
    () => ActiveNote.count(),
    () => ActiveNote.create({ text: 'new' }).save(),
    () => record.save(),
    () => record.reload(),
    () => record.remove(),
  ]) {
    await expect(call()).rejects.toThrow(TenantContextMissingError);
  }
  expect(await storedTexts(database, A)).toEqual(['kept']);
});

it('refuses a record of A in B, whose row of the same id stays as it is', async () => {
  const save = (tenant: Tenant): Promise<ActiveNote> =>
    tenantContext.run(tenant, () => ActiveNote.create({ text: tenant.schema }).save());
  const ofA = await save(A);
  const ofB = await save(B);
  expect(ofA.id).toBe(ofB.id);
  ofA.text = 'changed';
  for (const call of [() => ofA.save(), () => ofA.remove()]) {
    await expect(tenantContext.run(B, call)).rejects.toThrow(TenantMismatchError);
  }
  expect(await storedTexts(database, A)).toEqual([A.schema]);
  expect(await storedTexts(database, B)).toEqual([B.schema]);
});

describe('control: Active Record bound to the handle of the tenant that came last', () => {
  afterEach(() => ActiveNote.useDataSource(dataSource));

  it("reads that tenant's rows for all tenants", async () => {
    for (const tenant of [A, B]) {
      ActiveNote.useDataSource(dataSourceFor(dataSource, tenant));
      await ActiveNote.create({ text: tenant.schema }).save();
    }
    const inA = await tenantContext.run(A, () => ActiveNote.find());
    expect(inA).toMatchObject([{ text: B.schema }]);
  });
});
