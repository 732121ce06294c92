// A handle made of a handle acts for its own tenant, in every setting. A handle, and what leads to one, is also an
// argument of the engine's other functions, and of operations that have a query runner of their own.
import { Readable } from 'node:stream';
import {
  DataSource,
  type EntityManager,
  type EntitySubscriberInterface,
  EventSubscriber,
  type InsertEvent,
  type MigrationInterface,
  type QueryRunner,
} from 'typeorm';
import { bindToScope } from '../../../src/connection/typeorm/bound-scope.js';
import { BoundTenantScope, TenantScope } from '../../../src/context/tenant-scope.js';
import { dataSourceOf } from '../../../src/connection/typeorm/typeorm-versions.js';
import {
  dataSourceFor,
  OperationRefusedError,
  protectDataSource,
  readHistory,
  SchemaBuilds,
  SchemaMigrator,
  TENANT_SCHEMA,
  tenantContext,
  tenantDataSourceOptions,
  TenantMismatchError,
  type TenantRegistry,
} from '../../../src/index.js';
import { A, addNote, B, emptyTenants, Note, Remark, storedTexts, testOptions } from '../support.js';
import {
  createTenantsWithRoles,
  EVERY_SETTING,
  openWith,
  type TenantsWithRoles,
} from '../roles/tenants-with-roles.js';

@EventSubscriber()
class Audit implements EntitySubscriberInterface<Remark> {
  listenTo = (): typeof Remark => Remark;
  afterInsert = async (event: InsertEvent<Remark>): Promise<void> => {
    await dataSourceFor(dataSourceOf(event), B).getRepository(Note).insert({ text: 'audit' });
  };
}

const NO_REGISTRY = {} as TenantRegistry;
const READ = `SELECT text FROM "${TENANT_SCHEMA}".notes`;

let tenants: TenantsWithRoles;
let dataSource: DataSource;

beforeAll(async () => {
  tenants = await createTenantsWithRoles();
});

afterAll(async () => {
  await tenants.drop();
});

/** Every way from a handle of A to a DataSource that a handle of B is made of. */
const WAYS: [string, (ofA: DataSource) => DataSource][] = [
  ['a handle of A', (ofA) => ofA],
  ['a handle of a handle', (ofA) => dataSourceFor(dataSourceFor(ofA, B), A)],
  ['an object that inherits from a handle', (ofA) => Object.create(ofA) as DataSource],
  ['the DataSource of its manager', (ofA) => dataSourceOf(ofA.manager)],
  ['that of its builder', (ofA) => dataSourceOf(ofA.createQueryBuilder())],
  ['that of its driver', (ofA) => dataSourceOf(ofA.driver as never)],
  ['that of its query runner', (ofA) => dataSourceOf(ofA.createQueryRunner())],
  ['that of its relation loader', (ofA) => dataSourceOf(ofA.relationLoader as never)],
];

describe.each(EVERY_SETTING)('with %s', (_, options) => {
  beforeAll(async () => {
    dataSource = await openWith(tenants, { ...options, poolSize: 3, subscribers: [Audit] });
  });

  beforeEach(async () => {
    await emptyTenants(tenants);
    await addNote(dataSource, A);
    await addNote(dataSource, B);
  });

  afterAll(async () => {
    await dataSource.destroy();
  });

  it.each(WAYS)('a handle of B acts in B, made of %s', async (__, way) => {
    const ofB = dataSourceFor(way(dataSourceFor(dataSource, A)), B);
    for (const around of [
      tenantContext.runWithoutTenant.bind(tenantContext),
      tenantContext.run.bind(tenantContext, A),
    ] as (<T>(work: () => T) => T)[]) {
      await around(async () => {
        const [note] = await ofB.getRepository(Note).find();
        expect(note?.text).toBe(B.schema);
        expect(await ofB.query(READ)).toEqual([{ text: B.schema }]);
        await expect(tenantContext.run(A, () => dataSource.manager.save(note))).rejects.toThrow(
          TenantMismatchError,
        );
      });
    }
    await ofB.getRepository(Note).insert({ text: 'inserted' });
    await ofB.transaction((manager) => manager.save(Note, { text: 'saved' }));
    expect(await storedTexts(tenants, A)).toEqual([A.schema]);
    expect(await storedTexts(tenants, B)).toEqual([B.schema, 'inserted', 'saved']);
  });

  it('a subscriber writes into B from an event of a handle of A', async () => {
    await dataSourceFor(dataSource, A).getRepository(Remark).save({ text: 'new' });
    expect(await storedTexts(tenants, A)).toEqual([A.schema]);
    expect(await storedTexts(tenants, B)).toEqual([B.schema, 'audit']);
  });

  it('a subscriber writes into B from an event of the plain DataSource', async () => {
    await tenantContext.run(A, () => dataSource.getRepository(Remark).save({ text: 'new' }));
    expect(await storedTexts(tenants, B)).toEqual([B.schema, 'audit']);
  });
});

describe('a query runner of A', () => {
  let ofB: DataSource;

  beforeAll(async () => {
    dataSource = await openWith(tenants, { poolSize: 3 });
  });

  beforeEach(async () => {
    await emptyTenants(tenants);
    await addNote(dataSource, A);
    await addNote(dataSource, B);
    ofB = dataSourceFor(dataSource, B);
  });

  afterAll(async () => {
    await dataSource.destroy();
  });

  /** The query runners that act for A, inside run(A). */
  const RUNNERS: [string, () => QueryRunner | Promise<QueryRunner>][] = [
    ['of the plain DataSource, inside run(A)', () => dataSource.createQueryRunner()],
    ['of a handle', () => dataSourceFor(dataSource, A).createQueryRunner()],
    [
      'that is connected',
      async () => {
        const runner = dataSource.createQueryRunner();
        await runner.connect();
        return runner;
      },
    ],
  ];

  /** Every operation of a handle that can be given a query runner. */
  const OPERATIONS: [string, (runner: QueryRunner) => unknown][] = [
    ['a manager', (runner) => ofB.createEntityManager(runner)],
    ['raw SQL', (runner) => ofB.query(READ, [], runner)],
    ['a select', (runner) => ofB.createQueryBuilder(Note, 'note', runner).getMany()],
    ['a count', (runner) => ofB.createQueryBuilder(Note, 'note', runner).getCount()],
    ['a stream', (runner) => ofB.createQueryBuilder(Note, 'note', runner).stream()],
    [
      'an insert',
      (runner) =>
        ofB.createQueryBuilder(runner).insert().into(Note).values({ text: 'new' }).execute(),
    ],
    [
      'an update',
      (runner) => ofB.createQueryBuilder(runner).update(Note).set({ text: 'new' }).execute(),
    ],
    ['a delete', (runner) => ofB.createQueryBuilder(runner).delete().from(Note).execute()],
    [
      'a builder that is given it later',
      (runner) => ofB.createQueryBuilder(Note, 'note').setQueryRunner(runner).getMany(),
    ],
    [
      'a builder of a repository',
      (runner) => ofB.getRepository(Note).createQueryBuilder('note', runner).getMany(),
    ],
    [
      'a relation',
      (runner) => ofB.createQueryBuilder(runner).relation(Note, 'remarks').of(1).loadMany(),
    ],
    [
      'a save of a manager that was made of it',
      (runner) =>
        new (ofB.manager.constructor as new (...args: unknown[]) => EntityManager)(
          ofB,
          runner,
        ).save(Note, { text: 'new' }),
    ],
  ];

  describe.each(RUNNERS)('%s', (_, create) => {
    it.each(OPERATIONS)('is rejected by %s of a handle of B', async (__, operate) => {
      await tenantContext.run(A, async () => {
        const runner = await create();
        try {
          await expect((async () => operate(runner))()).rejects.toThrow(TenantMismatchError);
        } finally {
          await runner.release();
        }
      });
      expect(await storedTexts(tenants, A)).toEqual([A.schema]);
      expect(await storedTexts(tenants, B)).toEqual([B.schema]);
    });
  });

  it.each(OPERATIONS)(
    'control: of B is not rejected by %s of another handle of B',
    async (_, operate) => {
      const runner = dataSourceFor(dataSource, B).createQueryRunner();
      try {
        for (const tenant of [A, B]) {
          const done = await tenantContext.run(tenant, async () => operate(runner));
          expect(done).toBeDefined();
          if (done instanceof Readable) await done.toArray();
        }
      } finally {
        await runner.release();
      }
    },
  );

  it('is rejected by every statement, if it has the scope of B', async () => {
    const runner = dataSource.createQueryRunner();
    await tenantContext.run(A, () => runner.connect());
    bindToScope(runner, new BoundTenantScope(new TenantScope(B)));
    try {
      await expect(runner.query(READ)).rejects.toThrow(TenantMismatchError);
      await expect(runner.manager.find(Note)).rejects.toThrow(TenantMismatchError);
      await expect(runner.stream(READ)).rejects.toThrow(TenantMismatchError);
    } finally {
      await runner.release();
    }
  });

  it('control: is not bound to B, if the handle of B were made of the handle of A itself', () => {
    const plain = { [Symbol.for('nest-tenant-schemas.plain')]: { value: undefined } };
    const ofA = Object.create(dataSourceFor(dataSource, A), plain) as DataSource;
    expect(() => dataSourceFor(ofA, B).createQueryRunner()).toThrow(TypeError);
  });
});

describe('a handle of A as the argument of', () => {
  class AddColumn1700000000000 implements MigrationInterface {
    up = (runner: QueryRunner): Promise<void> =>
      runner.query(`ALTER TABLE "${TENANT_SCHEMA}".notes ADD added int`);
    down = (runner: QueryRunner): Promise<void> =>
      runner.query(`ALTER TABLE "${TENANT_SCHEMA}".notes DROP added`);
  }

  beforeAll(async () => {
    dataSource = await openWith(tenants, {});
  });

  afterAll(async () => {
    await dataSource.destroy();
  });

  it('a migrator migrates the tenant that the migrator chooses', async () => {
    const migrator = new SchemaMigrator(dataSourceFor(dataSource, A), NO_REGISTRY, {
      shared: [],
      tenant: readHistory([AddColumn1700000000000], 'test'),
    });
    expect(await migrator.migrateTenant(B)).toMatchObject({ status: 'applied' });
    const columns = await tenants.sql(
      `SELECT table_schema FROM information_schema.columns WHERE column_name = 'added'`,
    );
    expect(columns).toEqual([{ table_schema: B.schema }]);
  });

  it('SchemaBuilds.of() finds the builds of the DataSource', () => {
    expect(SchemaBuilds.of(dataSourceFor(dataSource, A))).toBe(SchemaBuilds.of(dataSource));
  });

  it('protectDataSource() protects the DataSource', async () => {
    const unprotected = new DataSource(tenantDataSourceOptions(testOptions(tenants)));
    const handle = dataSourceFor(unprotected, A);
    expect(protectDataSource(handle)).toBe(handle);
    await expect(unprotected.synchronize()).rejects.toThrow(OperationRefusedError);
    await expect(handle.synchronize()).rejects.toThrow(OperationRefusedError);
  });
});
