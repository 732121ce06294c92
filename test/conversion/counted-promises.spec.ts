// How many promises an operation makes, beside a plain DataSource of one tenant: each has its price where there is an
// async context, and the count is the same on every machine. Times are in docs/benchmarks.
import { createHook } from 'node:async_hooks';
import { DataSource } from 'typeorm';
import { tenantContext } from '../../src/tenancy/index.js';
import type { TestDatabase } from '../support/test-database.js';
import {
  A,
  addNote,
  createTwoTenants,
  Note,
  openTenantDataSource,
  Remark,
} from '../tenancy/support.js';

let database: TestDatabase;
let tenants: DataSource;
let single: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  tenants = await openTenantDataSource(database);
  single = await new DataSource({
    type: 'postgres',
    url: database.url,
    schema: A.schema,
    entities: [Note, Remark],
    installExtensions: false,
  }).initialize();
  await addNote(tenants, A);
});

afterAll(async () => {
  await tenants.destroy();
  await single.destroy();
  await database.drop();
});

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

/** How many more than the plain DataSource. */
async function added(work: (dataSource: DataSource) => Promise<unknown>): Promise<number> {
  const ofTenants = await tenantContext.run(A, () => promisesOf(() => work(tenants)));
  return ofTenants - (await promisesOf(() => work(single)));
}

it.each<[string, number, (dataSource: DataSource) => Promise<unknown>]>([
  ['a find', -1, (source) => source.getRepository(Note).findOneBy({ id: 1 })],
  ['a list', 0, (source) => source.getRepository(Note).find({ relations: { remarks: true } })],
  [
    'a save of what has lazy relations',
    3,
    (source) => source.getRepository(Note).save({ text: 'new' }),
  ],
  [
    'a transaction',
    -1,
    (source) => source.transaction((manager) => manager.insert(Note, { text: 'new' })),
  ],
])('adds to %s %d promises', async (_, count, work) => {
  expect(await added(work)).toBe(count);
});
