// A promise of a row of A in a lazy relation, or a row of A in an embedded object, never links in B, at whichever statement of the write
// it arrives: the write is rejected and stores nothing, or stores the row without the relation.
import {
  Column,
  type DataSource,
  Entity,
  type EntitySubscriberInterface,
  EventSubscriber,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import { OwnedEntity } from '../../../../src/connection/typeorm/entities/entity-owner.js';
import { dataSourceFor, tenantContext, TenantMismatchError } from '../../../../src/index.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { surfaceRows, surfaceTables } from '../surface/surface-entities.js';
import { A, B, openTenantDataSource } from '../../support.js';

abstract class Row {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'text' })
  text!: string;
}

@Entity('polls')
class Poll extends Row {
  @OneToMany(() => Choice, (choice) => choice.poll, { lazy: true })
  choices!: Promise<Choice[]>;

  @ManyToMany(() => Tag, (tag) => tag.polls, { lazy: true })
  @JoinTable({ name: 'poll_tags' })
  tags!: Promise<Tag[]>;

  @OneToOne(() => Detail, (detail) => detail.poll, { lazy: true })
  @JoinColumn()
  detail!: Promise<Relation<Detail> | null>;
}

@Entity('choices')
class Choice extends Row {
  @ManyToOne(() => Poll, (poll) => poll.choices, { lazy: true })
  poll!: Promise<Relation<Poll> | null>;
}

@Entity('tags')
class Tag extends Row {
  @ManyToMany(() => Poll, (poll) => poll.tags, { lazy: true })
  polls!: Promise<Poll[]>;
}

@Entity('details')
class Detail extends Row {
  @OneToOne(() => Poll, (poll) => poll.detail, { lazy: true })
  poll!: Promise<Relation<Poll> | null>;
}

class Place {
  @ManyToOne(() => Poll)
  @JoinColumn({ name: 'pollId' })
  poll!: Relation<Poll> | null;
}

/** A choice whose relation is in an embedded object. */
@Entity('choices')
class PlacedChoice extends Row {
  @Column(() => Place, { prefix: false })
  place!: Place;
}

/** A row whose key is the key of a poll. */
@Entity('badges')
class Badge {
  @PrimaryColumn({ type: 'int' })
  pollId!: number;

  @OneToOne(() => Poll)
  @JoinColumn({ name: 'pollId' })
  poll!: Relation<Poll> | null;
}

@Entity('choices')
class BadgedChoice extends Row {
  @ManyToOne(() => Badge)
  @JoinColumn({ name: 'votes' })
  badge!: Relation<Badge> | null;
}

let beforeStatement: () => void = () => undefined;

@EventSubscriber()
class Statements implements EntitySubscriberInterface {
  beforeQuery(): void {
    beforeStatement();
  }
}

/** More than the statements of any write here. */
const MOMENTS = 8;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql(surfaceTables(A.schema) + surfaceTables(B.schema) + surfaceRows(A.schema));
  dataSource = await openTenantDataSource(database, {
    entities: [Poll, Choice, Tag, Detail, PlacedChoice, Badge, BadgedChoice],
    subscribers: [Statements],
    poolSize: 3,
  });
});

afterEach(() => {
  beforeStatement = () => undefined;
  jest.restoreAllMocks();
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

type Class = new () => Row;

const inB = <T>(work: () => T): T => tenantContext.run(B, work);
const rowOf = (tenant: typeof A, target: Class): Promise<Row> =>
  tenantContext.run(tenant, () => dataSource.manager.findOneByOrFail(target, { id: 1 }));

const emptyB = (): Promise<unknown> =>
  database.sql(
    `${surfaceRows(B.schema)} DELETE FROM poll_tags; UPDATE choices SET "pollId" = NULL; UPDATE polls SET "detailId" = NULL;`,
  );

/** Returns the links and the rows of B. */
async function readB(): Promise<{ links: number; rows: unknown }> {
  const [read] = await database.sql<{ links: number; rows: unknown }>(`
    SET search_path TO ${B.schema};
    SELECT ((SELECT count(*) FROM poll_tags) + (SELECT count("pollId") FROM choices)
        + (SELECT count("detailId") FROM polls))::int AS links,
      (SELECT json_agg(text ORDER BY id) FROM choices) AS rows`);
  return read as { links: number; rows: unknown };
}

/** Performs the write once for each statement at which the row of A arrives. */
async function write(
  load: () => Promise<Row>,
  prepare: (row: Row) => () => void,
  operate: (row: Row) => Promise<unknown>,
): Promise<{ errors: unknown[]; links: number }> {
  const errors: unknown[] = [];
  let links = 0;
  for (let moment = 0; moment < MOMENTS; moment++) {
    await emptyB();
    const before = await readB();
    const row = await load();
    const arrive = prepare(row);
    let statements = 0;
    const written = inB(() => operate(row));
    if (moment === 0) arrive();
    beforeStatement = () => {
      if (++statements === moment) arrive();
    };
    const error: unknown = await written.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    beforeStatement = () => undefined;
    const after = await readB();
    links += after.links;
    if (!error) continue;
    errors.push(error);
    expect(after).toEqual(before);
  }
  return { errors, links };
}

const LAZY: [string, Class, Class][] = [
  ['tags', Poll, Tag],
  ['polls', Tag, Poll],
  ['choices', Poll, Choice],
  ['poll', Choice, Poll],
  ['detail', Poll, Detail],
  ['poll', Detail, Poll],
];

/** Puts a promise into the relation, and returns what resolves it with the row of A. */
const pending =
  (relation: string, rowOfA: Row) =>
  (row: Row): (() => void) => {
    let resolve!: (value: unknown) => void;
    const promise = new Promise((resolved) => {
      resolve = resolved;
    });
    Object.assign(row, { [relation]: promise });
    return () => resolve(relation.endsWith('s') ? [rowOfA] : rowOfA);
  };

describe.each(LAZY)('a promise of a row of A in %s of %p', (relation, target, related) => {
  const save = async () =>
    write(
      () => rowOf(B, target),
      pending(relation, await rowOf(A, related)),
      (row) => dataSource.manager.save(row),
    );

  it('links nothing by a save, and is rejected if TypeORM reads it', async () => {
    const { errors, links } = await save();
    expect(links).toBe(0);
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toBeInstanceOf(TenantMismatchError);
  });

  it('control: without the owners of entities, links', async () => {
    jest.spyOn(OwnedEntity, 'schemaOf').mockReturnValue(undefined);
    expect((await save()).links).toBeGreaterThan(0);
  });
});

it('rejects the lazy relation of a handle of A that is assigned to a row of B', async () => {
  await emptyB();
  const ofA = (await dataSourceFor(dataSource, A).manager.findOneByOrFail(Poll, { id: 1 })) as Poll;
  const saved = inB(async () => {
    const ofB = await dataSource.manager.findOneByOrFail(Poll, { id: 1 });
    ofB.tags = ofA.tags;
    await ofA.tags;
    return dataSource.manager.save(ofB);
  });
  await expect(saved).rejects.toThrow(TenantMismatchError);
  expect((await readB()).links).toBe(0);
});

const INSERTS: [string, (row: Row) => Promise<unknown>][] = [
  ['insert', (row) => dataSource.manager.insert(Choice, row)],
  ['upsert', (row) => dataSource.manager.upsert(Choice, row, ['id'])],
  [
    'a query builder without listeners',
    (row) =>
      dataSource
        .createQueryBuilder()
        .insert()
        .into(Choice)
        .values(row)
        .callListeners(false)
        .execute(),
  ],
];

it.each(INSERTS)('%s with a promise of a row of A links nothing', async (_way, operate) => {
  const { errors, links } = await write(
    () => Promise.resolve(dataSource.manager.create(Choice, { text: 'new' })),
    pending('poll', await rowOf(A, Poll)),
    operate,
  );
  expect(links).toBe(0);
  for (const error of errors) expect(error).toBeInstanceOf(TenantMismatchError);
});

describe('a row of A that becomes the key of a related row of B', () => {
  const save = async () => {
    const poll = await rowOf(A, Poll);
    const badge = Object.assign(new Badge(), { pollId: 5 });
    const { errors } = await write(
      () => Promise.resolve(Object.assign(new BadgedChoice(), { text: 'new', badge })),
      () => () => void Object.assign(badge, { poll }),
      async (row) => {
        badge.poll = null;
        await dataSource.manager.save(row);
        // The row of A has the id 1.
        expect(await database.sql(`SELECT FROM ${B.schema}.choices WHERE votes = 1`)).toEqual([]);
      },
    );
    return errors;
  };

  it('links nothing', async () => {
    const errors = await save();
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toBeInstanceOf(TenantMismatchError);
  });

  it('control: without the owners of entities, links', async () => {
    jest.spyOn(OwnedEntity, 'schemaOf').mockReturnValue(undefined);
    await expect(save()).rejects.toThrow('toEqual');
  });
});

const place = (rowOfA: Row) => (row: Row) => (): void => {
  Object.assign(row, { place: Object.assign(new Place(), { poll: rowOfA }) });
};

const EMBEDDED: [string, () => Promise<Row>, (row: Row) => Promise<unknown>][] = [
  ['save', () => rowOf(B, PlacedChoice), (row) => dataSource.manager.save(row)],
  [
    'insert',
    () => Promise.resolve(Object.assign(new PlacedChoice(), { text: 'new' })),
    (row) => dataSource.manager.insert(PlacedChoice, row),
  ],
];

describe.each(EMBEDDED)('%s of a row of A in an embedded object', (_way, load, operate) => {
  it('links nothing', async () => {
    const { errors, links } = await write(load, place(await rowOf(A, Poll)), operate);
    expect(links).toBe(0);
    expect(errors.length).toBeGreaterThan(0);
  });

  it('control: without the owners of entities, links', async () => {
    jest.spyOn(OwnedEntity, 'schemaOf').mockReturnValue(undefined);
    expect((await write(load, place(await rowOf(A, Poll)), operate)).links).toBeGreaterThan(0);
  });
});
