// TypeORM's operations on the whole database would reach other tenants and `public`: they are refused with the
// command to use, on the DataSource and on bound handles, in a tenant and outside, and as options.
import { DataSource } from 'typeorm';
import {
  dataSourceFor,
  OperationRefusedError,
  protectDataSource,
  TenancyOptionsError,
  tenantContext,
  tenantDataSourceOptions,
  type TenantDataSourceOptions,
} from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, B, createTwoTenants, openTenantDataSource, testOptions } from '../support.js';

const ALL_TABLES = [
  'public.notices',
  'tenant_a.notes',
  'tenant_a.remarks',
  'tenant_b.notes',
  'tenant_b.remarks',
];
const MIGRATE = 'Use the migrator: tenant-schemas migrate-schemas.';
const DROP = 'Drop one tenant with: tenant-schemas delete-tenant <schema>.';

const OPERATIONS: [string, (source: DataSource) => Promise<unknown>, string, string][] = [
  ['synchronize()', (source) => source.synchronize(), 'synchronize()', MIGRATE],
  ['synchronize(true)', (source) => source.synchronize(true), 'synchronize()', MIGRATE],
  ['dropDatabase()', (source) => source.dropDatabase(), 'dropDatabase()', DROP],
  ['runMigrations()', (source) => source.runMigrations(), 'runMigrations()', MIGRATE],
  [
    'undoLastMigration()',
    (source) => source.undoLastMigration(),
    'undoLastMigration()',
    'Use the migrator: tenant-schemas revert-schemas.',
  ],
  ['a query runner’s clearDatabase()', clearDatabase, 'clearDatabase()', DROP],
];

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

async function clearDatabase(source: DataSource): Promise<void> {
  const runner = source.createQueryRunner();
  await runner.clearDatabase().finally(() => runner.release());
}

async function tables(): Promise<string[]> {
  const rows = await database.sql<{ name: string }>(
    `SELECT schemaname || '.' || tablename AS name FROM pg_catalog.pg_tables
     WHERE schemaname IN ('public', 'tenant_a', 'tenant_b') ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

describe.each(OPERATIONS)('%s', (_, operate, operation, instead) => {
  it.each<[string, () => Promise<unknown>]>([
    ['inside a tenant', () => tenantContext.run(A, () => operate(dataSource))],
    ['outside a tenant', () => operate(dataSource)],
    ['on a bound handle', () => operate(dataSourceFor(dataSource, A))],
    [
      'on a bound handle inside another tenant',
      () => tenantContext.run(B, () => operate(dataSourceFor(dataSource, A))),
    ],
  ])('is refused %s, and no table is lost', async (__, attempt) => {
    const error: unknown = await attempt().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OperationRefusedError);
    expect(error).toMatchObject({
      operation,
      message: `${operation} was rejected: it works on the whole database, not on one tenant. ${instead}`,
    });
    expect(await tables()).toEqual(ALL_TABLES);
  });
});

describe.each(['synchronize', 'dropSchema', 'migrationsRun'])('the option %s', (name) => {
  const refusal = new TenancyOptionsError(
    `tenantDataSourceOptions: ${name}`,
    'must be false: it works on the whole database. Use: tenant-schemas migrate-schemas.',
  );

  it('is refused when the options are made', () => {
    const options = { ...testOptions(database), [name]: true } as TenantDataSourceOptions;
    expect(() => tenantDataSourceOptions(options)).toThrow(refusal);
    expect(() => tenantDataSourceOptions({ ...options, [name]: false })).not.toThrow();
  });

  it('is refused when it was added to the options afterwards', () => {
    const options = { ...tenantDataSourceOptions(testOptions(database)), [name]: true };
    expect(() => protectDataSource(new DataSource(options))).toThrow(refusal);
  });
});

it.each<[string, () => DataSource]>([
  ['plain options', () => new DataSource({ type: 'postgres', url: database.url })],
  [
    'the placeholder, and node-postgres’s own pool',
    () => {
      const { driver: _, ...options } = tenantDataSourceOptions(testOptions(database));
      return new DataSource(options);
    },
  ],
  [
    'the engine’s pool, and no placeholder',
    () => new DataSource({ ...tenantDataSourceOptions(testOptions(database)), schema: 'public' }),
  ],
])('refuses to protect a DataSource with %s', (_, make) => {
  expect(() => protectDataSource(make())).toThrow(
    'TenantModule: the DataSource must be made with tenantDataSourceOptions(…), which adds the placeholder and the driver.',
  );
});

describe('control: a DataSource that was not protected', () => {
  it('loses the tables of public when one tenant clears its own', async () => {
    const unprotected = new DataSource(tenantDataSourceOptions(testOptions(database)));
    await unprotected.initialize();
    try {
      await tenantContext.run(A, () => clearDatabase(unprotected));
      expect(await tables()).toEqual(['tenant_b.notes', 'tenant_b.remarks']);
    } finally {
      await unprotected.destroy();
    }
  });
});
