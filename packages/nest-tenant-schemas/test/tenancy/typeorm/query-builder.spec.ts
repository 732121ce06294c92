// A query builder has no tenant. Created in A and executed in B, it uses the rows of B. Outside of a tenant its execution is
// rejected.
import type { DataSource, SelectQueryBuilder } from 'typeorm';
import { tenantContext, TenantContextMissingError } from '../../../src/index.js';
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
  Remark,
  storedTexts,
} from '../support.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, { poolSize: 1 });
});

beforeEach(async () => {
  await emptyTenants(database);
  for (const tenant of [A, B]) {
    const note = await addNote(dataSource, tenant);
    await tenantContext.run(tenant, () =>
      dataSource
        .getRepository(Remark)
        .insert({ text: `on ${tenant.schema}`, note: { id: note.id } as never }),
    );
  }
});

afterEach(() => jest.restoreAllMocks());

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const notes = (): SelectQueryBuilder<Note> =>
  dataSource.getRepository(Note).createQueryBuilder('note');

/** Builds in A, executes in B. */
const acrossTenants = <Q, T>(build: () => Q, execute: (builder: Q) => Promise<T>): Promise<T> => {
  const builder = tenantContext.run(A, build);
  return tenantContext.run(B, () => execute(builder));
};

/** Texts from `stream()`, which TypeORM gives as raw rows. */
async function streamed(builder: SelectQueryBuilder<Note>): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const row of await builder.stream()) rows.push(row);
  return rows;
}

const withSubquery = (): SelectQueryBuilder<Note> => {
  const builder = notes();
  const ids = builder.subQuery().select('max(n.id)').from(Note, 'n').where('n.text = :text');
  return builder.where(`note.id = ${ids.getQuery()}`).setParameter('text', B.schema);
};

const READS: [string, () => SelectQueryBuilder<Note>, (b: never) => Promise<unknown>, unknown][] = [
  ['getMany', notes, (b: ReturnType<typeof notes>) => b.getMany(), [{ id: 1, text: B.schema }]],
  ['a subquery', withSubquery, (b: ReturnType<typeof notes>) => b.getMany(), [{ text: B.schema }]],
  [
    'a join',
    () => notes().innerJoin('note.remarks', 'remark').select('remark.text', 'text'),
    (b: ReturnType<typeof notes>) => b.getRawMany(),
    [{ text: `on ${B.schema}` }],
  ],
  [
    'a page of a joined list',
    () => notes().leftJoinAndSelect('note.remarks', 'remark').skip(0).take(1),
    (b: ReturnType<typeof notes>) => b.getManyAndCount(),
    [[{ text: B.schema, __remarks__: [{ text: `on ${B.schema}` }] }], 1],
  ],
  ['a stream', notes, streamed, [{ note_id: 1, note_text: B.schema }]],
  [
    'exists',
    () => notes().where('note.text = :text', { text: B.schema }),
    (b: ReturnType<typeof notes>) => b.getExists(),
    true,
  ],
];

describe.each(READS)('a builder with %s', (_, build, execute, expected) => {
  it('made in A and executed in B reads B', async () => {
    expect({ result: await acrossTenants(build, execute as never) }).toMatchObject({
      result: expected,
    });
  });

  it('is refused outside every tenant, and costs the pool no connection', async () => {
    const builder = tenantContext.run(A, build);
    await expect(execute(builder as never)).rejects.toThrow(TenantContextMissingError);
    expect(await tenantContext.run(B, () => notes().getCount())).toBe(1);
  });
});

it('updates the rows of the tenant that executes the builder', async () => {
  const build = () => notes().update().set({ text: 'updated' }).where('id = 1');
  await acrossTenants(build, (builder) => builder.execute());
  await expect(tenantContext.run(A, build).execute()).rejects.toThrow(TenantContextMissingError);
  expect(await storedTexts(database, A)).toEqual([A.schema]);
  expect(await storedTexts(database, B)).toEqual(['updated']);
});

it('deletes the rows of the tenant that executes the builder', async () => {
  const build = () => dataSource.createQueryBuilder().delete().from(Remark).where('id = 1');
  await acrossTenants(build, (builder) => builder.execute());
  await expect(tenantContext.run(A, build).execute()).rejects.toThrow(TenantContextMissingError);
  expect(await database.sql('SELECT id FROM tenant_a.remarks')).toEqual([{ id: 1 }]);
  expect(await database.sql('SELECT id FROM tenant_b.remarks')).toEqual([]);
});

describe('control: clients that belong to the tenant in which the builder was made', () => {
  it("read A's rows in B", async () => {
    const bind = TenantClient.prototype.bind;
    const builder = tenantContext.run(A, notes);
    jest.spyOn(TenantClient.prototype, 'bind').mockImplementation(function (this: TenantClient) {
      bind.call(this, { tenant: A, isBound: true });
    });
    expect(await tenantContext.run(B, () => builder.getMany())).toMatchObject([{ text: A.schema }]);
  });
});
