// Work that reaches the database outside every tenant (a timer, an emitter, a client checked out too
// early) is refused before the server hears a word of it; `run` restores what was current before.
import { EventEmitter } from 'node:events';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, tenantContext, TenantContextMissingError } from '../../../src/index.js';
import { TenantClient } from '../../../src/connection/client/tenant-client.js';
import { type CountingProxy, startCountingProxy } from 'test-support/counting-proxy.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  B,
  createTwoTenants,
  Note,
  Notice,
  openTenantDataSource,
  poolOf,
} from '../support.js';

const READ = `SELECT text FROM "${TENANT_SCHEMA}".notes`;

let database: TestDatabase;
let proxy: CountingProxy;
let dataSource: DataSource;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createTwoTenants();
  proxy = await startCountingProxy(database.url);
  dataSource = await openTenantDataSource({ ...database, url: proxy.url }, { poolSize: 1 });
  pool = poolOf(dataSource);
  await addNote(dataSource, A);
  await addNote(dataSource, B);
});

beforeEach(() => proxy.reset());

afterEach(() => jest.restoreAllMocks());

afterAll(async () => {
  await dataSource.destroy();
  await proxy.close();
  await database.drop();
});

const find = (): Promise<Note[]> => dataSource.getRepository(Note).find();

const byCallback = (): Promise<unknown> =>
  new Promise((resolve, reject) => {
    pool.query(READ, (error: Error | undefined, rows: unknown) =>
      error ? reject(error) : resolve(rows),
    );
  });

describe.each<[string, () => Promise<unknown>]>([
  ['a repository', find],
  ['raw SQL of the DataSource', () => dataSource.query(READ)],
  ['raw SQL with a parameter', () => dataSource.query(`${READ} WHERE id = $1`, [1])],
  ['pool.query()', () => pool.query(READ)],
  ['pool.query() with a callback', byCallback],
])('%s outside a tenant', (_, read) => {
  it('is refused with nothing sent, from a timer and from an emitter', async () => {
    const emitter = new EventEmitter();
    const fromTimer = new Promise((resolve, reject) => {
      setImmediate(() => read().then(resolve, reject));
    });
    const fromEmitter = new Promise((resolve, reject) => {
      // A handler runs where the event comes from, not where it was registered.
      tenantContext.run(A, () => emitter.once('event', () => read().then(resolve, reject)));
    });
    emitter.emit('event');
    for (const outcome of await Promise.allSettled([fromTimer, fromEmitter])) {
      const refused = { reason: expect.any(TenantContextMissingError) as unknown };
      expect(outcome).toEqual({ status: 'rejected', ...refused });
    }
    expect(proxy.statements).toBe(0);
  });
});

it('refuses a client that was checked out for no tenant, also inside a tenant', async () => {
  const client = await pool.connect();
  try {
    await expect(client.query(READ)).rejects.toThrow(TenantContextMissingError);
    const inside = tenantContext.run(A, () => client.query(READ));
    await expect(inside).rejects.toThrow('was checked out for no tenant');
    expect(proxy.statements).toBe(0);
  } finally {
    client.release();
  }
});

it('lets a runner work for the tenant in which it connects, not for that of its making', async () => {
  const runner = dataSource.createQueryRunner();
  try {
    const [note] = await tenantContext.run(A, () => runner.manager.find(Note));
    expect(note?.text).toBe(A.schema);
  } finally {
    await runner.release();
  }
});

it('serves shared tables without a tenant', async () => {
  await dataSource.getRepository(Notice).save({ text: 'for all' });
  expect(await dataSource.getRepository(Notice).find()).toMatchObject([{ text: 'for all' }]);
});

it('restores the outer tenant after a nested one, after an exception, and after none', async () => {
  const seen: (string | undefined)[] = [];
  const look = async (): Promise<void> =>
    void seen.push((await find())[0]?.text, tenantContext.current?.schema);
  await tenantContext.run(A, async () => {
    await look();
    await tenantContext.run(B, look);
    await look();
    const failing = tenantContext.run(B, () => Promise.reject(new Error('fails')));
    await expect(failing).rejects.toThrow('fails');
    expect(() => tenantContext.run(B, () => JSON.parse('{'))).toThrow(SyntaxError);
    expect(tenantContext.runWithoutTenant(() => tenantContext.current)).toBeUndefined();
    await look();
  });
  const [a, b] = [A.schema, B.schema];
  expect(seen).toEqual([a, a, b, b, a, a, a, a]);
  expect(tenantContext.current).toBeUndefined();
});

describe('control: clients that keep their last tenant', () => {
  it('read the rows of the previous tenant', async () => {
    jest.spyOn(TenantClient.prototype, 'unbind').mockReturnValue();
    const bind = TenantClient.prototype.bind;
    jest.spyOn(TenantClient.prototype, 'bind').mockImplementation(function (
      this: TenantClient,
      checkout,
    ) {
      if (checkout.tenant) bind.call(this, checkout);
    });
    await tenantContext.run(B, find);
    expect(await find()).toMatchObject([{ text: B.schema }]);
  });
});
