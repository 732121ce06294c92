// A cache that does not know of tenants serves one tenant's rows to all: such caches are refused at start-up, and
// are seen here doing it where the check is gone round.
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { QueryResultCacheOptions } from 'typeorm/cache/QueryResultCacheOptions.js';
import {
  protectDataSource,
  TenancyOptionsError,
  tenantContext,
  tenantDataSourceOptions,
  tenantQueryCache,
} from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, B, createTwoTenants, Note, testOptions } from '../support.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTwoTenants();
  for (const { schema } of [A, B]) {
    await database.sql(`INSERT INTO ${schema}.notes (text) VALUES ('${schema}')`);
  }
});

afterAll(() => database.drop());

it.each<[string, DataSourceOptions['cache']]>([
  ['true', true],
  ['a database cache', { type: 'database' }],
  ['redis', { type: 'redis' }],
  ['a provider that is not the engine’s', { provider: () => new PlainCache() }],
])('refuses the option at start-up: %s', (_, cache) => {
  const make = () => tenantDataSourceOptions({ ...testOptions(database), cache });
  expect(make).toThrow(TenancyOptionsError);
  expect(make).toThrow(/^tenantDataSourceOptions: cache must be false or tenantQueryCache\(…\): /);
});

it('rejects the option if it was added to the options afterwards', () => {
  const options = { ...tenantDataSourceOptions(testOptions(database)), cache: true };
  expect(() => protectDataSource(new DataSource(options))).toThrow(TenancyOptionsError);
});

it.each<[string, DataSourceOptions['cache']]>([
  ['false', false],
  ['the engine’s own', tenantQueryCache()],
])('takes the option at start-up: %s', (_, cache) => {
  expect(tenantDataSourceOptions({ ...testOptions(database), cache }).cache).toBe(cache);
});

/** What TypeORM's providers do: one key for all tenants. */
class PlainCache {
  private readonly results = new Map<string, QueryResultCacheOptions>();
  connect = (): Promise<void> => Promise.resolve();
  disconnect = this.connect;
  synchronize = this.connect;
  clear = this.connect;
  remove = this.connect;
  isExpired = (): boolean => false;
  getFromCache = ({ identifier, query }: QueryResultCacheOptions) =>
    Promise.resolve(this.results.get(identifier ?? query ?? ''));
  storeInCache = (options: QueryResultCacheOptions): Promise<void> => {
    this.results.set(options.identifier ?? options.query ?? '', options);
    return Promise.resolve();
  };
}

describe('control: a provider that keys by the cache id only, past the check', () => {
  it('serves the first tenant’s rows to the second, and outside every tenant', async () => {
    const options = tenantDataSourceOptions(testOptions(database));
    const plain = new DataSource({ ...options, cache: { provider: () => new PlainCache() } });
    await plain.initialize();
    const read = async () => {
      const cached = { cache: { id: 'notes', milliseconds: 60_000 } };
      return (await plain.getRepository(Note).find(cached)).map(({ text }) => text);
    };
    try {
      expect(await tenantContext.run(A, read)).toEqual(['tenant_a']);
      expect(await tenantContext.run(B, read)).toEqual(['tenant_a']);
      expect(await read()).toEqual(['tenant_a']);
    } finally {
      await plain.destroy();
    }
  });
});
