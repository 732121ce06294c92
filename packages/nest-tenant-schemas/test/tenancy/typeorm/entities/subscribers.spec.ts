// The application's subscribers are one instance for all tenants: what they do in an event, by the event's
// manager or by a repository of their own, happens in the tenant of the event; what they keep ends with it.
import {
  Column,
  type DataSource,
  Entity,
  type EntityManager,
  type EntitySubscriberInterface,
  EventSubscriber,
  type InsertEvent,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
} from 'typeorm';
import {
  dataSourceFor,
  type Tenant,
  type TenantDataSourceOptions,
  tenantContext,
  TenantMismatchError,
} from '../../../../src/index.js';
import { TenantClient } from '../../../../src/connection/client/tenant-client.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  B,
  createTwoTenants,
  emptyTenants,
  Note,
  openTenantDataSource,
  PlainNote,
  Remark,
  storedTexts,
} from '../../support.js';

const keptManagers: EntityManager[] = [];
let dataSource: DataSource;

/** Writes a remark about every new note, in its transaction. */
@EventSubscriber()
class Audit implements EntitySubscriberInterface<Note> {
  listenTo = (): typeof Note => Note;

  async afterInsert({ entity, manager }: InsertEvent<Note>): Promise<void> {
    keptManagers.push(manager);
    await manager.save(Remark, { text: `audit of ${entity.text}` });
  }
}

/** The same by a repository that was injected once, for all: on a connection of its own. */
@EventSubscriber()
class Count implements EntitySubscriberInterface<Note> {
  listenTo = (): typeof Note => Note;

  async afterInsert(): Promise<void> {
    const count = await dataSource.getRepository(Note).count();
    await dataSource.getRepository(Remark).save({ text: `${count} before` });
  }
}

const FORMS: [string, TenantDataSourceOptions['subscribers']][] = [
  ['an array', [Audit, Count]],
  ['an object', { Audit, Count }],
];

describe.each(FORMS)('subscribers given as %s', (_, subscribers) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTwoTenants();
    dataSource = await openTenantDataSource(database, { poolSize: 8, subscribers });
  });

  beforeEach(async () => {
    keptManagers.length = 0;
    await emptyTenants(database);
  });

  afterEach(() => jest.restoreAllMocks());

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  async function remarksOf(tenant: Tenant): Promise<string[]> {
    const rows = await database.sql<{ text: string }>(
      `SELECT text FROM ${tenant.schema}.remarks ORDER BY text COLLATE "C"`,
    );
    return rows.map(({ text }) => text);
  }

  it('act in the tenant of the event, for tenants whose inserts overlap', async () => {
    await addNote(dataSource, B, 'first of B');
    const tenants = [A, B, A];
    await Promise.all(tenants.map((tenant, i) => addNote(dataSource, tenant, `${i} ${tenant.id}`)));
    const audits = (tenant: Tenant): string[] =>
      tenants.flatMap((each, i) => (each === tenant ? [`audit of ${i} ${tenant.id}`] : []));
    expect((await remarksOf(A)).filter((text) => text.startsWith('audit'))).toEqual(audits(A));
    expect((await remarksOf(B)).filter((text) => text.startsWith('audit'))).toEqual([
      ...audits(B),
      'audit of first of B',
    ]);
    // B had nothing before its first note and one note before its second.
    expect((await remarksOf(B)).filter((text) => text.endsWith('before'))).toEqual([
      '0 before',
      '1 before',
    ]);
    expect((await remarksOf(A)).filter((text) => text.endsWith('before'))).toHaveLength(2);
  });

  it('act in the tenant of the handle that wakes them', async () => {
    await tenantContext.run(B, () =>
      dataSourceFor(dataSource, A).getRepository(Note).save({ text: 'by handle' }),
    );
    expect(await remarksOf(A)).toEqual(['0 before', 'audit of by handle']);
    expect(await remarksOf(B)).toEqual([]);
  });

  it("leave the engine's watch at work: an entity of A is refused in B", async () => {
    const note = await tenantContext.run(A, () => dataSource.manager.save(Note, { text: 'a' }));
    await addNote(dataSource, B);
    const foreign = (): Promise<unknown> =>
      dataSource.manager.upsert(Note, { ...note, text: 'changed' }, ['id']);
    const carried = (): Promise<unknown> => dataSource.manager.insert(Note, note);
    await expect(tenantContext.run(B, carried)).rejects.toThrow(TenantMismatchError);
    await tenantContext.run(B, foreign); // a plain copy has no owner
    expect(await storedTexts(database, B)).toEqual(['changed']);
  });

  it("cannot use an event's manager once its transaction is over, in no tenant", async () => {
    await addNote(dataSource, A);
    const kept = keptManagers[0] as EntityManager;
    for (const tenant of [A, B]) {
      const uses: (() => Promise<unknown>)[] = [
        () => kept.find(Note),
        () => kept.save(Note, { text: 'late' }),
        () => kept.transaction((manager) => manager.save(Note, { text: 'late' })),
      ];
      for (const use of uses) {
        await expect(tenantContext.run(tenant, use)).rejects.toThrow('already released');
      }
    }
    expect(await storedTexts(database, A)).toEqual([A.schema]);
    expect(await storedTexts(database, B)).toEqual([]);
  });

  it('control: with the tenant of the checkout out of sight they write into the last one', async () => {
    const bind = TenantClient.prototype.bind;
    jest.spyOn(TenantClient.prototype, 'bind').mockImplementation(function (this: TenantClient) {
      bind.call(this, { tenant: B, isBound: true });
    });
    await addNote(dataSource, A);
    expect(await remarksOf(A)).toEqual([]);
    expect(await remarksOf(B)).toEqual(['0 before', `audit of ${A.schema}`]);
  });
});

describe('a subscriber that puts a row of its own choice into what is written', () => {
  @Entity('remarks')
  class Comment {
    @PrimaryGeneratedColumn('identity')
    id!: number;

    @Column({ type: 'text' })
    text!: string;

    @ManyToOne(() => PlainNote, { nullable: true })
    @JoinColumn({ name: 'noteId' })
    note!: PlainNote | null;
  }

  let chosen: PlainNote | null = null;
  const heard: string[] = [];

  @EventSubscriber()
  class Choice implements EntitySubscriberInterface<Comment> {
    listenTo = (): typeof Comment => Comment;

    beforeInsert({ entity }: InsertEvent<Comment>): void {
      heard.push(entity.text);
      entity.note = chosen;
    }
  }

  let database: TestDatabase;
  let source: DataSource;

  beforeAll(async () => {
    database = await createTwoTenants();
    source = await openTenantDataSource(database, {
      entities: [PlainNote, Comment],
      subscribers: [Choice],
    });
  });

  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['saved', () => source.getRepository(Comment).save({ text: 'saved' })],
    ['inserted', () => source.getRepository(Comment).insert({ text: 'inserted' })],
  ])("is refused when that is another tenant's, in what is %s", async (text, write) => {
    chosen = await tenantContext.run(A, () =>
      source.getRepository(PlainNote).save({ text: 'of A' }),
    );
    await expect(tenantContext.run(B, write)).rejects.toThrow(TenantMismatchError);
    expect(heard).toContain(text);
    await tenantContext.run(A, write);
    const rows = (tenant: Tenant): Promise<unknown> =>
      database.sql(`SELECT text, "noteId" FROM ${tenant.schema}.remarks ORDER BY id DESC LIMIT 1`);
    expect(await rows(A)).toEqual([{ text, noteId: chosen.id }]);
    expect(await rows(B)).toEqual([]);
  });

  it('is not called for rejected operations', async () => {
    const ofA = await tenantContext.run(A, () =>
      source.getRepository(Comment).save({ text: 'heard in A' }),
    );
    heard.length = 0;
    const write = (): Promise<unknown> => source.getRepository(Comment).insert(ofA);
    await expect(tenantContext.run(B, write)).rejects.toThrow(TenantMismatchError);
    expect(heard).toEqual([]);
  });
});
