// An entity of A that is saved, removed or related inside run(B) would act on B's row of the same id. Entities
// remember whose row they are, and such a use is refused before anything is written.
import { type DataSource, DeleteDateColumn, Entity, type EntityManager } from 'typeorm';
import { tenantContext, TenantMismatchError } from '../../../../src/index.js';
import { OwnedEntity } from '../../../../src/connection/typeorm/entities/entity-owner.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  B,
  createTwoTenants,
  emptyTenants,
  Note,
  openTenantDataSource,
  Remark,
  storedTexts,
} from '../../support.js';

/** The same rows, with soft removal. */
@Entity('notes')
class SoftNote extends Note {
  @DeleteDateColumn()
  deletedAt!: Date | null;
}

let database: TestDatabase;
let dataSource: DataSource;
/** Rows of the same id, 1, in both tenants. */
let ofA: Note;
let ofB: Note;
let remarkOfA: Remark;
let remarkOfB: Remark;

beforeAll(async () => {
  database = await createTwoTenants();
  await database.sql(`ALTER TABLE tenant_a.notes ADD "deletedAt" timestamp;
                      ALTER TABLE tenant_b.notes ADD "deletedAt" timestamp`);
  dataSource = await openTenantDataSource(database, { entities: [Note, Remark, SoftNote] });
});

beforeEach(async () => {
  await emptyTenants(database);
  const addNote = (text: string): Promise<Note> => manager().save(create(Note, { text }));
  [ofA, ofB] = [
    await tenantContext.run(A, () => addNote(A.schema)),
    await tenantContext.run(B, () => addNote(B.schema)),
  ];
  const addRemark = (): Promise<Remark> => manager().save(create(Remark, { text: 'remark' }));
  [remarkOfA, remarkOfB] = [
    await tenantContext.run(A, addRemark),
    await tenantContext.run(B, addRemark),
  ];
});

afterEach(() => jest.restoreAllMocks());

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const manager = (): EntityManager => dataSource.manager;
const create = <T extends object>(entity: new () => T, values: Partial<T>): T =>
  Object.assign(manager().create(entity), values);
const inB = <T>(work: () => Promise<T>): Promise<T> => tenantContext.run(B, work);

const load = (): Promise<Note> => dataSource.getRepository(Note).findOneByOrFail({ id: 1 });

const remarksOfB = (): Promise<unknown[]> => database.sql('SELECT * FROM tenant_b.remarks');

async function expectNothingChanged(): Promise<void> {
  expect(await storedTexts(database, A)).toEqual([A.schema]);
  expect(await storedTexts(database, B)).toEqual([B.schema]);
  expect(await remarksOfB()).toEqual([{ id: 1, text: 'remark', noteId: null }]);
}

const changed = (note: Note): Note => Object.assign(note, { text: 'changed' });

const USES: [string, (note: Note) => Promise<unknown>][] = [
  ['saved', (note) => manager().save(changed(note))],
  ['saved among others', (note) => manager().save([ofB, changed(note)])],
  ['saved without listeners', (note) => manager().save(changed(note), { listeners: false })],
  ['removed', (note) => manager().remove(note)],
  ['removed without listeners', (note) => manager().remove(note, { listeners: false })],
  ['inserted', (note) => manager().insert(Note, note)],
  ['upserted', (note) => manager().upsert(Note, changed(note), ['id'])],
  ['given to an update as its values', (note) => manager().update(Note, 1, changed(note))],
  [
    'the target of a new row',
    (note) => manager().save(create(Remark, { text: 'new', note: Promise.resolve(note) })),
  ],
  [
    'the target of a loaded row',
    (note) => {
      remarkOfB.note = Promise.resolve(note);
      return manager().save(remarkOfB);
    },
  ],
];

describe.each(USES)('an entity of A, in B, %s', (_, use) => {
  it('is refused after it was loaded', async () => {
    const note = await tenantContext.run(A, load);
    await expect(inB(() => use(note))).rejects.toThrow(TenantMismatchError);
    await expectNothingChanged();
  });

  it('is refused after it was created and saved', async () => {
    expect([ofA.id, ofB.id]).toEqual([1, 1]);
    await expect(inB(() => use(ofA))).rejects.toThrow(TenantMismatchError);
    await expectNothingChanged();
  });
});

it.each(['softRemove', 'recover'] as const)('refuses the %s of an entity of A', async (remove) => {
  const note = await tenantContext.run(A, () => manager().findOneByOrFail(SoftNote, { id: 1 }));
  for (const options of [{}, { listeners: false }]) {
    await expect(inB(() => manager()[remove](note, options))).rejects.toThrow(TenantMismatchError);
  }
  const [row] = await database.sql('SELECT "deletedAt" FROM tenant_b.notes');
  expect(row).toEqual({ deletedAt: null });
});

it('refuses rows of A in a list of B that gives them its own id', async () => {
  const note = await inB(load);
  note.remarks = Promise.resolve([remarkOfA]);
  await expect(inB(() => manager().save(note))).rejects.toThrow(TenantMismatchError);
  await expectNothingChanged();
});

it('allows an entity in its own tenant again, and a plain copy in another one', async () => {
  await tenantContext.run(A, () => manager().save(changed(ofA)));
  const copy = await inB(() => manager().save(Note, { ...ofA, id: undefined } as never));
  expect(copy).toMatchObject({ id: 2, text: 'changed' });
  await inB(() => manager().remove(ofB));
  expect(await storedTexts(database, A)).toEqual(['changed']);
  expect(await storedTexts(database, B)).toEqual(['changed']);
});

describe('control: without what remembers whose they are', () => {
  beforeEach(() => {
    jest.spyOn(OwnedEntity, 'stamp').mockReturnValue();
  });

  it("overwrites, and removes, B's row of the same id", async () => {
    const note = await tenantContext.run(A, load);
    await inB(() => manager().save(changed(note)));
    expect(await storedTexts(database, A)).toEqual([A.schema]);
    expect(await storedTexts(database, B)).toEqual(['changed']);
    await inB(() => manager().remove(note));
    expect(await storedTexts(database, B)).toEqual([]);
  });

  it("gives B's row of the same id to a note of B", async () => {
    const note = await inB(load);
    const remark = await tenantContext.run(A, () => manager().findOneByOrFail(Remark, { id: 1 }));
    note.remarks = Promise.resolve([remark]);
    await inB(() => manager().save(note));
    expect(await remarksOfB()).toEqual([{ id: 1, text: 'remark', noteId: 1 }]);
  });
});
