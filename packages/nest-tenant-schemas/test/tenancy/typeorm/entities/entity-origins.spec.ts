// However an entity, or a map of ids, comes into being in tenant A, it is rejected in tenant B: with listeners and without, joined
// along a relation or onto any property, written without a change, returned by a write, or taken from the query cache.
import {
  Column,
  type DataSource,
  Entity,
  EntitySchema,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
} from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { OwnedEntity } from '../../../../src/connection/typeorm/entities/entity-owner.js';
import {
  dataSourceFor,
  tenantContext,
  TenantMismatchError,
  tenantQueryCache,
} from '../../../../src/index.js';
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
} from '../../support.js';

interface Row {
  id: number;
  text: string;
}

/** Entities without a class: plain objects. */
const PLAIN = new EntitySchema<Row>({
  name: 'plain',
  tableName: 'notes',
  columns: { id: { type: 'int', primary: true, generated: true }, text: { type: 'text' } },
});

/** A remark that saves its note. */
@Entity('remarks')
class Cascading {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'text' })
  text!: string;

  @ManyToOne(() => Note, { cascade: true })
  @JoinColumn({ name: 'noteId' })
  note!: Note;
}

/** A row whose key is a relation of two columns. Its map of ids holds another map. */
@Entity('names')
class Named {
  @PrimaryColumn({ type: 'int' })
  noteId!: number;

  @PrimaryColumn({ type: 'text' })
  noteText!: string;

  @ManyToOne(() => Note)
  @JoinColumn([
    { name: 'noteId', referencedColumnName: 'id' },
    { name: 'noteText', referencedColumnName: 'text' },
  ])
  note!: Note;
}

const UNOBSERVED = { listeners: false, reload: false };

const idColumn = (source: DataSource, target: typeof Note) =>
  source.getMetadata(target).primaryColumns[0] as ColumnMetadata;

type Mapped = Note & { same: Note; all: Note[] };

/** How code of A comes by an object with the id of a row of A. */
const ORIGINS: Record<string, (source: DataSource) => Promise<object | undefined>> = {
  'a read': ({ manager }) => manager.findOneByOrFail(Note, { id: 1 }),
  'a read without listeners': (source) => notes(source).callListeners(false).getOneOrFail(),
  'a read of plain objects': ({ manager }) => manager.findOneByOrFail(PLAIN, { id: 1 }),
  'a join onto a property': async (source) => (await joined(source)).same,
  'an inner join onto a property': async (source) => {
    const found = notes(source).innerJoinAndMapOne('n.same', Note, 'm', 'm.id = n.id');
    return ((await found.getOneOrFail()) as Mapped).same;
  },
  'a join of many onto a property': async (source) => {
    const found = notes(source).leftJoinAndMapMany('n.all', Note, 'm', 'm.id = n.id');
    return ((await found.getOneOrFail()) as Mapped).all[0];
  },
  'a join along a relation onto a property': async ({ manager }) => {
    const found = manager.createQueryBuilder(Remark, 'r').leftJoinAndMapOne('r.of', 'r.note', 'n');
    return ((await found.getOneOrFail()) as Remark & { of: Note }).of;
  },
  'a relation of what was joined': async (source) => {
    const found = notes(source)
      .leftJoinAndMapOne('n.one', Remark, 'r', 'r.id = n.id')
      .leftJoinAndSelect('r.note', 'rn');
    return (await ((await found.getOneOrFail()) as Note & { one: Remark }).one.note) ?? undefined;
  },
  'a relation that was loaded later': async (source) => {
    const [note] = await source
      .createQueryBuilder()
      .relation(Remark, 'note')
      .of(1)
      .loadMany<Note>();
    return note;
  },
  'a copy within a copy': async ({ manager }) => {
    const remark = await manager.findOneByOrFail(Remark, { id: 1 });
    await remark.note;
    return (await manager.create(Remark, remark).note) ?? undefined;
  },
  'the query cache': async ({ manager }) => {
    const find = () => manager.findOneOrFail(Note, { where: { id: 1 }, cache: 60_000 });
    await find();
    return find();
  },
  'a save': ({ manager }) => manager.save(Note, { text: 'new' }),
  'a save without listeners': ({ manager }) =>
    manager.save(Note, { text: 'new' }, { listeners: false }),
  'a save that changes nothing': ({ manager }) =>
    manager.save(manager.create(Note, { id: 1, text: A.schema })),
  'a save without listeners and reload': ({ manager }) =>
    manager.save(manager.create(Note, { id: 2, text: 'new' }), UNOBSERVED),
  'a save of a plain object without listeners and reload': ({ manager }) =>
    manager.save(Note, { id: 2, text: 'new' }, UNOBSERVED),
  'a save in chunks': async ({ manager }) => {
    const added = [2, 3].map((id) => manager.create(Note, { id, text: 'new' }));
    return (await manager.save(added, { ...UNOBSERVED, chunk: 1 }))[1];
  },
  'a save along a cascade': async ({ manager }) => {
    const note = manager.create(Note, { id: 2, text: 'new' });
    await manager.save(Object.assign(new Cascading(), { text: 'new', note }), UNOBSERVED);
    return note;
  },
  'a save of a plain object': ({ manager }) =>
    manager.save(PLAIN, { text: 'new' }, { listeners: false }),
  'an insert': async ({ manager }) => {
    const note = manager.create(Note, { text: 'new' });
    await manager
      .createQueryBuilder()
      .insert()
      .into(Note)
      .values(note)
      .callListeners(false)
      .execute();
    return note;
  },
  'the identifiers of an insert': async ({ manager }) =>
    (await manager.insert(Note, { text: 'new' })).identifiers[0],
  'the generated values of an insert': async ({ manager }) =>
    (await manager.insert(Note, { text: 'new' })).generatedMaps[0],
  'an insert that returns nothing': async ({ manager }) => {
    const note = manager.create(Note, { id: 2, text: 'new' });
    const builder = manager.createQueryBuilder().insert().into(Note).values(note);
    await builder.updateEntity(false).callListeners(false).execute();
    return note;
  },
  'the map of a column': async (source) =>
    idColumn(source, Note).getEntityValueMap(await source.manager.findOneByOrFail(Note, { id: 1 })),
  'the map of a column of a relation': async (source) => {
    const { metadata } = source.manager.getRepository(Cascading);
    const note = await source.manager.findOneByOrFail(Note, { id: 1 });
    const column = metadata.findRelationWithPropertyPath('note')?.joinColumns[0];
    const map = column?.getEntityValueMap(Object.assign(new Cascading(), { note }));
    return Object.assign(map as object, { text: 'new' });
  },
  'the map of ids of an entity': async (source) =>
    source.getMetadata(Note).getEntityIdMap(await source.manager.findOneByOrFail(Note, { id: 1 })),
  'the map of ids of a relation': async (source) => {
    const relation = source.getMetadata(Remark).findRelationWithPropertyPath('note');
    return relation?.getRelationIdMap(await source.manager.findOneByOrFail(Note, { id: 1 }));
  },
  'the map in a map of ids': async (source) => {
    const named = new Named();
    named.note = await source.manager.findOneByOrFail(Note, { id: 1 });
    return (source.getMetadata(Named).getEntityIdMap(named) as { noteId: object }).noteId;
  },
  'the identifiers of an upsert': async ({ manager }) =>
    (await manager.upsert(Note, { id: 1, text: 'again' }, ['id'])).identifiers[0],
};

const notes = ({ manager }: DataSource) => manager.createQueryBuilder(Note, 'n').orderBy('n.id');

const joined = async (source: DataSource): Promise<Mapped> => {
  const found = notes(source).leftJoinAndMapOne('n.same', Note, 'm', 'm.id = n.id');
  return (await found.getOneOrFail()) as Mapped;
};

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, {
    entities: [Note, Remark, PLAIN, Cascading, Named],
    cache: tenantQueryCache(),
    poolSize: 2,
  });
});

beforeEach(async () => {
  await emptyTenants(database);
  await dataSource.queryResultCache?.clear();
  for (const tenant of [A, B]) {
    await addNote(dataSource, tenant);
    await database.sql(
      `INSERT INTO ${tenant.schema}.remarks (text, "noteId") VALUES ('${tenant.schema}', 1)`,
    );
  }
  // What A adds next has the id of a row of B.
  await database.sql(`INSERT INTO ${B.schema}.notes (text) VALUES ('second')`);
});

afterEach(() => jest.restoreAllMocks());

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** Where code of A does it. */
const PLACES: Record<
  string,
  (origin: (source: DataSource) => Promise<object | undefined>) => Promise<object | undefined>
> = {
  'in A': (origin) => tenantContext.run(A, () => origin(dataSource)),
  'through a handle of A, in B': (origin) =>
    tenantContext.run(B, () => origin(dataSourceFor(dataSource, A))),
};

/** What code of B then does with it. */
const USES: Record<string, (found: object) => Promise<unknown>> = {
  save: (found) => dataSource.manager.save(Note, found),
  remove: (found) => dataSource.manager.remove(Note, found as Note),
  delete: (found) => dataSource.manager.delete(Note, found),
  criteria: (found) => dataSource.manager.findBy(Remark, { note: found as Note }),
  whereInIds: (found) => notes(dataSource).whereInIds(found).getMany(),
};

describe.each(Object.entries(PLACES))('%s', (_place, inPlace) => {
  it.each(Object.entries(ORIGINS))('%s', async (_origin, origin) => {
    const found = (await inPlace(origin)) as object;
    const before = await storedTexts(database, B);
    for (const use of Object.values(USES)) {
      const used = tenantContext.run(B, async () => use(found));
      await expect(used).rejects.toThrow(TenantMismatchError);
    }
    expect(await storedTexts(database, B)).toEqual(before);
    // A goes on using it.
    await tenantContext.run(A, () => dataSource.manager.save(Note, found));
  });
});

it('rejects find options of a class, and a condition that is hidden', async () => {
  class Options {
    constructor(readonly where: object) {}
  }
  const note = await tenantContext.run(A, () =>
    dataSource.manager.findOneByOrFail(Note, { id: 1 }),
  );
  const hidden = Object.defineProperty({}, 'where', { value: { note } });
  for (const options of [new Options({ note }), Object.create(new Options({ note })), hidden]) {
    const count = tenantContext.run(B, async () => dataSource.manager.count(Remark, options));
    await expect(count).rejects.toThrow(TenantMismatchError);
  }
});

// TypeORM reads relations by their names, also those that an enumeration of the properties does not find.
it.each<[string, (row: object) => Promise<unknown>]>([
  ['insert', (row) => dataSource.manager.insert(Cascading, row)],
  ['update', (row) => dataSource.manager.update(Cascading, { id: 1 }, row)],
  ['save', (row) => dataSource.manager.save(Cascading, row)],
])('rejects a hidden relation in %s', async (_way, write) => {
  const note = await tenantContext.run(A, () =>
    dataSource.manager.findOneByOrFail(Note, { id: 1 }),
  );
  const row = Object.defineProperty({ text: 'hidden' }, 'note', { value: note });
  const written = tenantContext.run(B, async () => write(row));
  await expect(written).rejects.toThrow(TenantMismatchError);
  const rows = await database.sql(`SELECT 1 FROM tenant_b.remarks WHERE text = 'hidden'`);
  expect(rows).toEqual([]);
});

it('leaves a row of constants that no tenant wrote to all tenants', async () => {
  const note = dataSource.manager.create(Note, { id: 1 });
  for (const tenant of [A, B]) {
    const remark = dataSource.manager.create(Remark, { text: 'refers' });
    remark.note = Promise.resolve(note);
    await tenantContext.run(tenant, () => dataSource.manager.save(remark));
  }
  expect(await database.sql(`SELECT "noteId" FROM tenant_b.remarks WHERE text = 'refers'`)).toEqual(
    [{ noteId: 1 }],
  );
});

const INSERTS: [string, (row: object) => Promise<unknown>][] = [
  ['insert', (row) => dataSource.manager.insert(Note, row)],
  ['upsert', (row) => dataSource.manager.upsert(Note, row, ['id'])],
  [
    'a query builder without listeners',
    (row) =>
      dataSource.manager
        .createQueryBuilder()
        .insert()
        .into(Note)
        .values(row)
        .callListeners(false)
        .execute(),
  ],
];

describe.each(INSERTS)('%s of a constant', (_way, insert) => {
  it('inserts a plain object with all columns into each tenant', async () => {
    const constant = { id: 5, text: 'constant' };
    for (const tenant of [A, B]) {
      await tenantContext.run(tenant, () => insert(constant));
      await tenantContext.run(tenant, () => insert({ ...constant, id: 6 }));
    }
    await dataSourceFor(dataSource, A).manager.delete(Note, { id: 5 });
    await tenantContext.run(A, () => insert(constant));
    expect(await storedTexts(database, B)).toContain('constant');
  });

  it('rejects a plain object that got a generated column, and an object of a class', async () => {
    const rows = [{ text: 'new' }, Object.assign(new Note(), { id: 5, text: 'new' })];
    for (const row of rows) {
      await tenantContext.run(A, () => insert(row));
      const inserted = tenantContext.run(B, async () => insert(row));
      await expect(inserted).rejects.toThrow(TenantMismatchError);
    }
  });
});

it('rejects a constant that was saved in A', async () => {
  const constant = { id: 5, text: 'constant' };
  await tenantContext.run(A, () => dataSource.manager.save(Note, constant));
  const inserted = tenantContext.run(B, async () => dataSource.manager.insert(Note, constant));
  await expect(inserted).rejects.toThrow(TenantMismatchError);
});

it.each<[string, (remark: Remark) => Promise<unknown>]>([
  ['insert', (remark) => dataSource.manager.insert(Remark, remark)],
  ['upsert', (remark) => dataSource.manager.upsert(Remark, remark, ['id'])],
  [
    'a query builder',
    (remark) => dataSource.createQueryBuilder().insert().into(Remark).values(remark).execute(),
  ],
])('rejects a promise of an entity of A in a lazy relation, by %s', async (_way, write) => {
  const note = await tenantContext.run(A, () =>
    dataSource.manager.findOneByOrFail(Note, { id: 1 }),
  );
  const remark = dataSource.manager.create(Remark, { text: 'of B' });
  remark.note = Promise.resolve(note);
  const written = tenantContext.run(B, async () => write(remark));
  await expect(written).rejects.toThrow(TenantMismatchError);
  expect(await database.sql(`SELECT FROM tenant_b.remarks WHERE text = 'of B'`)).toEqual([]);
});

it('loads the relations of a cached entity in the tenant of its handle', async () => {
  const load = () =>
    dataSourceFor(dataSource, A)
      .getRepository(Note)
      .findOneOrFail({ where: { id: 1 }, cache: 60_000 });
  for (let times = 0; times < 2; times++) {
    const remarks = await tenantContext.run(B, async () => (await load()).remarks);
    expect(remarks.map(({ text }) => text)).toEqual([A.schema]);
  }
});

it("checks out the pools of a handle's driver for its tenant", async () => {
  const { driver } = dataSourceFor(dataSource, A) as unknown as {
    driver: {
      master: { query(text: string): Promise<{ rows: unknown[] }> };
      obtainMasterConnection(): Promise<
        [{ query(text: string): Promise<{ rows: unknown[] }> }, () => void]
      >;
    };
  };
  const text = 'SELECT text FROM "__tenant__".notes';
  await tenantContext.run(B, async () => {
    expect((await driver.master.query(text)).rows).toEqual([{ text: A.schema }]);
    const [client, release] = await driver.obtainMasterConnection();
    expect((await client.query(text)).rows).toEqual([{ text: A.schema }]);
    release();
  });
});

it("control: without the memory of its tenant, B's row is overwritten", async () => {
  jest.spyOn(OwnedEntity, 'stamp').mockReturnValue();
  const { same } = await tenantContext.run(A, () => joined(dataSource));
  await tenantContext.run(B, () => dataSource.manager.save(same));
  expect(await storedTexts(database, B)).toContain(A.schema);
});
