// A lazy relation is a query that runs later, wherever its entity has been carried to: it loads in the tenant of
// its entity or not at all, and its rejection, when caught, does not end the process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { DataSource } from 'typeorm';
import {
  dataSourceFor,
  type Tenant,
  tenantContext,
  TenantContextMissingError,
  tenantDataSourceOptions,
  TenantMismatchError,
} from '../../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  B,
  createTwoTenants,
  Note,
  openTenantDataSource,
  Remark,
  testOptions,
} from '../../support.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, { poolSize: 1 });
  for (const tenant of [A, B]) {
    const { id } = await addNote(dataSource, tenant);
    await tenantContext.run(tenant, () =>
      dataSource.getRepository(Remark).insert({ text: tenant.schema, note: { id } as never }),
    );
  }
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const loadNote = (from = dataSource): Promise<Note> =>
  from.getRepository(Note).findOneByOrFail({ id: 1 });

const noteOf = (tenant: Tenant): Promise<Note> => tenantContext.run(tenant, () => loadNote());

it("loads in the entity's own tenant, to one and to many, and back again", async () => {
  await tenantContext.run(A, async () => {
    const note = await loadNote();
    const [remark] = await note.remarks;
    expect(remark?.text).toBe(A.schema);
    expect(await remark?.note).toMatchObject({ id: 1, text: A.schema });
  });
});

it("is refused in another tenant's context", async () => {
  const note = await noteOf(A);
  const foreign = tenantContext.run(B, () => note.remarks);
  const error: unknown = await foreign.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TenantMismatchError);
  expect(error).toMatchObject({ ownerSchema: A.schema, currentSchema: B.schema });
});

it.each<[string, (note: Note) => Promise<unknown>]>([
  ['another tenant', (note) => tenantContext.run(B, () => note.remarks)],
  ['no tenant', (note) => note.remarks],
])('loads in its own tenant after a refusal in %s', async (_place, read) => {
  const note = await noteOf(A);
  const before = Reflect.ownKeys(note);
  const first = read(note);
  await expect(first).rejects.toThrow(/tenant/);
  expect(Reflect.ownKeys(note)).toEqual(before);
  expect(await tenantContext.run(A, () => note.remarks)).toMatchObject([{ text: A.schema }]);
});

it('keeps a promise that replaced the refused one', async () => {
  const note = await noteOf(A);
  const refused = tenantContext.run(B, () => note.remarks);
  const replacement = new Promise<Remark[]>(() => undefined);
  note.remarks = replacement;
  await expect(refused).rejects.toThrow(TenantMismatchError);
  expect(note.remarks).toBe(replacement);
});

it('is refused outside every tenant', async () => {
  const note = await noteOf(A);
  await expect(note.remarks).rejects.toThrow(TenantContextMissingError);
});

it('of an entity of a bound handle loads its rows in another context, in none, and in its own', async () => {
  for (const inContext of [
    (work: () => Promise<string[]>) => tenantContext.run(B, work),
    (work: () => Promise<string[]>) => tenantContext.run(A, work),
    (work: () => Promise<string[]>) => tenantContext.runWithoutTenant(work),
  ]) {
    const note = await loadNote(dataSourceFor(dataSource, A));
    const texts = await inContext(async () => {
      const [remark] = await note.remarks;
      const back = await remark?.note;
      return [remark?.text ?? 'nothing', back?.text ?? 'nothing'];
    });
    expect(texts).toEqual([A.schema, A.schema]);
  }
});

it('of an entity of an open transaction is read in it, and refused in another tenant', async () => {
  await tenantContext.run(A, () =>
    dataSource.transaction(async (manager) => {
      const added = await manager.save(Note, { text: 'uncommitted' });
      await manager.insert(Remark, { text: 'uncommitted', note: { id: added.id } as never });
      const load = (): Promise<Note> => manager.findOneByOrFail(Note, { id: added.id });
      expect(await (await load()).remarks).toMatchObject([{ text: 'uncommitted' }]);
      const note = await load();
      await expect(tenantContext.run(B, () => note.remarks)).rejects.toThrow(TenantMismatchError);
    }),
  );
});

describe('a process that catches the rejection of a lazy relation', () => {
  it('goes on under the default for unhandled rejections', async () => {
    expect(await runFixture('protected')).toEqual({
      code: 0,
      out: 'TenantContextMissingError',
      isUnhandled: false,
    });
  });

  it('control: ends if the DataSource is not protected', async () => {
    expect(await runFixture('unprotected')).toEqual({
      code: 1,
      out: 'QueryFailedError',
      isUnhandled: true,
    });
  });

  async function runFixture(protection: string): Promise<Record<string, unknown>> {
    const fixture = 'packages/nest-tenant-schemas/test/tenancy/fixtures/caught-lazy-rejection.js';
    const { NODE_OPTIONS: _, ...env } = process.env;
    const child = spawn(process.execPath, [fixture, database.url, protection], { env });
    const exit = once(child, 'exit') as Promise<[number | null]>;
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
    return { code, out, isUnhandled: err.includes('TenantContextMissingError') };
  }
});

describe('control: a DataSource without protectDataSource', () => {
  it('reads the rows of B for a note of A', async () => {
    const unprotected = new DataSource(tenantDataSourceOptions(testOptions(database)));
    await unprotected.initialize();
    try {
      const note = await tenantContext.run(A, () => loadNote(unprotected));
      expect(await tenantContext.run(B, () => note.remarks)).toMatchObject([{ text: B.schema }]);
    } finally {
      await unprotected.destroy();
    }
  });
});
