// A hit of TypeORM's query cache sends no SQL, so nothing at the connection can refuse it: the engine's own
// cache keeps each tenant's results apart and refuses without a tenant. For other caches: query-cache-providers.
import type { DataSource } from 'typeorm';
import {
  dataSourceFor,
  type Tenant,
  TenantContextMissingError,
  tenantContext,
  TenantMismatchError,
  tenantQueryCache,
} from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, B, createTwoTenants, Note, openTenantDataSource, poolOf } from '../support.js';

const CACHE = { id: 'notes', milliseconds: 60_000 };

let database: TestDatabase;
let dataSource: DataSource;
let checkouts = 0;

beforeAll(async () => {
  database = await createTwoTenants();
});

beforeEach(async () => {
  await setTexts('old');
  dataSource = await openTenantDataSource(database, {
    cache: { ...tenantQueryCache(), ignoreErrors: true },
  });
  checkouts = 0;
  poolOf(dataSource).on('acquire', () => checkouts++);
});

afterEach(() => dataSource.destroy());
afterAll(() => database.drop());

/** Writes past the cache: what is read as `old` afterwards comes from the cache. */
async function setTexts(text: string): Promise<void> {
  for (const { schema } of [A, B]) {
    await database.sql(`TRUNCATE ${schema}.notes CASCADE`);
    await database.sql(`INSERT INTO ${schema}.notes (text) VALUES ('${schema} ${text}')`);
  }
}

async function read(source: DataSource, cache: typeof CACHE | true = CACHE): Promise<string> {
  const [note] = await source.getRepository(Note).find({ cache });
  return note?.text ?? 'nothing';
}

const readAs = (tenant: Tenant, cache?: true): Promise<string> =>
  tenantContext.run(tenant, () => read(dataSource, cache));

it.each<[string, undefined | true]>([
  ['one cache id', undefined],
  ['the same SQL', true],
])('serves a hit to its own tenant only, by %s, and sends no SQL for it', async (_, cache) => {
  expect([await readAs(A, cache), checkouts]).toEqual(['tenant_a old', 1]);
  await setTexts('new');
  expect([await readAs(A, cache), checkouts]).toEqual(['tenant_a old', 1]);
  expect([await readAs(B, cache), checkouts]).toEqual(['tenant_b new', 2]);
});

it('keeps tenants apart whose ids and cache ids are the same when joined', async () => {
  const reading = (tenant: Tenant, id: string): Promise<string> =>
    tenantContext.run(tenant, () => read(dataSource, { ...CACHE, id }));
  const [one, other] = [
    { id: 'acme', schema: A.schema },
    { id: 'acme:eu', schema: B.schema },
  ];
  expect(await reading(one, 'eu:notes')).toBe('tenant_a old');
  expect(await reading(other, 'notes')).toBe('tenant_b old');
});

it('throws without a tenant although errors of the cache are ignored, filled or not', async () => {
  await expect(read(dataSource)).rejects.toThrow(TenantContextMissingError);
  await readAs(A);
  await expect(read(dataSource)).rejects.toThrow(TenantContextMissingError);
});

it('uses the tenant of a bound handle inside run(another tenant)', async () => {
  const handle = dataSourceFor(dataSource, A);
  expect(await tenantContext.run(B, () => read(handle))).toBe('tenant_a old');
  await setTexts('new');
  expect(await tenantContext.run(B, () => read(handle))).toBe('tenant_a old');
  expect(await readAs(B)).toBe('tenant_b new');
  expect(await readAs(A)).toBe('tenant_a old');
});

it('reads again after the result has expired', async () => {
  await readAs(A);
  await setTexts('new');
  const now = Date.now();
  const clock = jest.spyOn(Date, 'now').mockReturnValue(now + CACHE.milliseconds - 1000);
  expect(await readAs(A)).toBe('tenant_a old');
  clock.mockReturnValue(now + CACHE.milliseconds + 1);
  expect(await readAs(A)).toBe('tenant_a new');
  clock.mockRestore();
});

it.each<[string, (source: DataSource) => Promise<void> | undefined]>([
  ['remove()', (source) => source.queryResultCache?.remove([CACHE.id])],
  ['clear()', (source) => source.queryResultCache?.clear()],
])('forgets the current tenant’s results only, by %s', async (_, forget) => {
  await readAs(A);
  await readAs(B);
  await setTexts('new');
  await tenantContext.run(A, () => forget(dataSource));
  expect([await readAs(A), await readAs(B)]).toEqual(['tenant_a new', 'tenant_b old']);
});

it.each<[string, (tenant: Tenant) => Promise<string>]>([
  ['a current tenant', (tenant) => readAs(tenant)],
  ['a bound handle', (tenant) => read(dataSourceFor(dataSource, tenant))],
  [
    'an open transaction',
    (tenant) =>
      tenantContext.run(tenant, () =>
        dataSource.transaction(async (manager) => {
          const [note] = await manager.find(Note, { cache: CACHE });
          return note?.text ?? 'nothing';
        }),
      ),
  ],
])('serves nothing of the schema name’s previous tenant, to %s', async (_, readOf) => {
  expect(await readOf(A)).toBe('tenant_a old');
  await setTexts('new');
  const owner = { id: '00000000-0000-4000-8000-0000000000aa', schema: A.schema };
  expect(await readOf(owner)).toBe('tenant_a new');
  await tenantContext.run(owner, () => dataSource.queryResultCache?.clear());
  expect(await readOf(A)).toBe('tenant_a old');
});

it('refuses a hit, too, in an open transaction of another tenant', async () => {
  await readAs(B);
  const runner = dataSource.createQueryRunner();
  await tenantContext.run(A, () => runner.startTransaction());
  try {
    const find = () => runner.manager.find(Note, { cache: CACHE });
    const inA = await tenantContext.run(A, find);
    expect(inA.map(({ text }) => text)).toEqual(['tenant_a old']);
    await expect(tenantContext.run(B, find)).rejects.toThrow(TenantMismatchError);
  } finally {
    await tenantContext.run(A, () => runner.rollbackTransaction());
    await runner.release();
  }
});
