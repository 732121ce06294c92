// How many promises an operation makes, beside a plain DataSource of one tenant: each has its price where there is an
// async context (docs/decisions/0017-promises-of-a-statement.md), and the count is the same on every machine. Times
// are in docs/benchmarks.
import { createHook } from 'node:async_hooks';
import { DataSource } from 'typeorm';
import { tenantContext } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  createTwoTenants,
  Note,
  openTenantDataSource,
  PlainNote,
  Remark,
} from '../../packages/nest-tenant-schemas/test/tenancy/support.js';

/** The DataSource of all tenants, and a plain one of tenant A. */
interface Pair {
  readonly tenants: DataSource;
  readonly single: DataSource;
}

let database: TestDatabase;
let lazy: Pair;
let eager: Pair;

beforeAll(async () => {
  database = await createTwoTenants();
  lazy = await openPair([Note, Remark]);
  eager = await openPair([PlainNote]);
  await addNote(lazy.tenants, A);
});

afterAll(async () => {
  for (const { tenants, single } of [lazy, eager]) {
    await tenants.destroy();
    await single.destroy();
  }
  await database.drop();
});

async function openPair(entities: (new () => object)[]): Promise<Pair> {
  const single = new DataSource({
    type: 'postgres',
    url: database.url,
    schema: A.schema,
    entities,
    installExtensions: false,
  });
  return {
    tenants: await openTenantDataSource(database, { entities }),
    single: await single.initialize(),
  };
}

/** Of the third time: by then statements are prepared. */
async function promisesOf(work: () => Promise<unknown>): Promise<number> {
  await work();
  await work();
  let count = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === 'PROMISE') count++;
    },
  });
  hook.enable();
  try {
    await work();
  } finally {
    hook.disable();
  }
  return count;
}

/** How many fewer than by the plain DataSource. */
async function spared(
  { tenants, single }: Pair,
  work: (dataSource: DataSource) => Promise<unknown>,
): Promise<number> {
  const ofTenants = await tenantContext.run(A, () => promisesOf(() => work(tenants)));
  return (await promisesOf(() => work(single))) - ofTenants;
}

it.each<[string, number, () => Pair, (dataSource: DataSource) => Promise<unknown>]>([
  ['a find', 7, () => lazy, (source) => source.getRepository(Note).findOneBy({ id: 1 })],
  [
    'a list',
    6,
    () => lazy,
    (source) => source.getRepository(Note).find({ relations: { remarks: true } }),
  ],
  ['a save', 22, () => eager, (source) => source.getRepository(PlainNote).save({ text: 'new' })],
  [
    'a save of what has lazy relations',
    22,
    () => lazy,
    (source) => source.getRepository(Note).save({ text: 'new' }),
  ],
  [
    'a transaction',
    22,
    () => lazy,
    (source) => source.transaction((manager) => manager.insert(Note, { text: 'new' })),
  ],
])('makes for %s %d promises fewer', async (_, count, pair, work) => {
  expect(await spared(pair(), work)).toBe(count);
});
