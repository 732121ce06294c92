// dataSourceFor(dataSource, A) acts in A wherever it is carried: inside run(B), and where no tenant is current.
// What is not asked through the handle stays the current tenant's.
import { DataSource, type EntitySubscriberInterface, EventSubscriber } from 'typeorm';
import {
  dataSourceFor,
  protectDataSource,
  TENANT_SCHEMA,
  tenantContext,
  TenantContextMissingError,
  tenantDataSourceOptions,
} from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  ActiveNote,
  addNote,
  B,
  createTwoTenants,
  emptyTenants,
  Note,
  openTenantDataSource,
  Remark,
  storedTexts,
  testOptions,
} from '../support.js';

/** Which tenant is current in each event, in order. */
const seen: string[] = [];

@EventSubscriber()
class Witness implements EntitySubscriberInterface<Note> {
  listenTo = (): typeof Note => Note;
  private see(event: string): void {
    seen.push(`${event} ${tenantContext.current?.schema}`);
  }
  afterLoad = (): void => this.see('load');
  beforeInsert = (): void => this.see('before insert');
  afterInsert = async (): Promise<void> => {
    await Promise.resolve();
    this.see('after insert');
  };
  beforeTransactionCommit = (): void => this.see('commit');
}

let database: TestDatabase;
let dataSource: DataSource;
let handle: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, {
    poolSize: 1,
    entities: [Note, Remark, ActiveNote],
    subscribers: [Witness],
  });
  ActiveNote.useDataSource(dataSource);
  handle = dataSourceFor(dataSource, A);
});

beforeEach(async () => {
  await emptyTenants(database);
  await addNote(dataSource, A);
  await addNote(dataSource, B);
  seen.length = 0;
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const READ = `SELECT text FROM "${TENANT_SCHEMA}".notes`;

/** Every way to read through a DataSource; each gives the texts of notes. */
const READS: [string, (from: DataSource) => Promise<{ text: string }[]>][] = [
  ['a repository', (from) => from.getRepository(Note).find()],
  ['its manager', (from) => from.manager.find(Note)],
  ["its manager's repository", (from) => from.manager.getRepository(Note).find()],
  ['raw SQL', (from) => from.query(READ)],
  ['raw SQL of its manager', (from) => from.manager.query(READ)],
  ['a query builder', (from) => from.createQueryBuilder(Note, 'note').getMany()],
  [
    "a repository's query builder",
    (from) => from.getRepository(Note).createQueryBuilder('note').getMany(),
  ],
  ['a transaction', (from) => from.transaction((manager) => manager.find(Note))],
  [
    'a query runner',
    async (from) => {
      const runner = from.createQueryRunner();
      try {
        return await runner.manager.find(Note);
      } finally {
        await runner.release();
      }
    },
  ],
];

const textsOf = (rows: { text: string }[]): string[] => rows.map(({ text }) => text);

describe.each(READS)('%s', (_, read) => {
  it('of the handle reads A inside run(B), and outside every tenant', async () => {
    expect(textsOf(await tenantContext.run(B, () => read(handle)))).toEqual([A.schema]);
    expect(textsOf(await read(handle))).toEqual([A.schema]);
  });

  it('control: of the plain DataSource reads B there, and is refused without a tenant', async () => {
    expect(textsOf(await tenantContext.run(B, () => read(dataSource)))).toEqual([B.schema]);
    await expect(read(dataSource)).rejects.toThrow(TenantContextMissingError);
  });
});

it('leads from its driver back to itself, also while another tenant is current', async () => {
  const { dataSource: found, connection } = handle.driver as unknown as Record<string, DataSource>;
  const leadsTo = (found ?? connection) as DataSource;
  const notes = await tenantContext.run(B, () => leadsTo.getRepository(Note).find());
  expect(notes.map(({ text }) => text)).toEqual([A.schema]);
  // The driver that all share keeps the DataSource of the current tenant.
  const { dataSource: shared, connection: older } = dataSource.driver as unknown as Record<
    string,
    DataSource
  >;
  expect(shared ?? older).toBe(dataSource);
});

it('writes into A inside run(B), while the plain DataSource writes into B', async () => {
  await tenantContext.run(B, async () => {
    await handle.getRepository(Note).save({ text: 'by handle' });
    await handle.transaction(async (manager) => {
      await manager.save(Note, { text: 'by transaction' });
    });
    await dataSource.getRepository(Note).save({ text: 'by DataSource' });
    await ActiveNote.create({ text: 'by Active Record' }).save();
  });
  expect(await storedTexts(database, A)).toEqual([A.schema, 'by handle', 'by transaction']);
  expect(await storedTexts(database, B)).toEqual([B.schema, 'by DataSource', 'by Active Record']);
});

it('lets subscribers see A, and the caller B', async () => {
  await tenantContext.run(B, async () => {
    await handle.getRepository(Note).save({ text: 'seen' });
    await handle.getRepository(Note).findOneByOrFail({ text: 'seen' });
    expect(tenantContext.current).toBe(B);
  });
  const { schema } = A;
  expect(seen).toEqual(
    ['before insert', 'after insert', 'commit', 'load'].map((event) => `${event} ${schema}`),
  );
});

it('takes turns with another handle on one connection', async () => {
  const handles = [handle, dataSourceFor(dataSource, B)];
  const reads = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      tenantContext.run(index % 3 ? A : B, async () =>
        textsOf(await (handles[index % 2] as DataSource).getRepository(Note).find()),
      ),
    ),
  );
  expect(reads).toEqual(reads.map((__, index) => [index % 2 ? B.schema : A.schema]));
});

it('opens and closes the DataSource that it was made of', async () => {
  const closed = protectDataSource(new DataSource(tenantDataSourceOptions(testOptions(database))));
  const opening = dataSourceFor(closed, A);
  await opening.initialize();
  expect(await tenantContext.run(B, () => opening.getRepository(Note).count())).toBe(1);
  await opening.destroy();
  expect((opening.driver as unknown as { master?: unknown }).master).toBeUndefined();
});
