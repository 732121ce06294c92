// A listener or a subscriber may put an entity into one that is about to be written, at once or later: the engine checks
// what they leave, so that no row of another tenant gives its id away.
import {
  type DataSource,
  type EntitySubscriberInterface,
  EventSubscriber,
  type InsertEvent,
  type UpdateEvent,
} from 'typeorm';
import { tenantContext, TenantMismatchError } from '../../../../src/index.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import {
  Choice,
  Poll,
  surfaceRows,
  surfaceState,
  surfaceTables,
  SURFACE_ENTITIES,
} from '../surface/surface-entities.js';
import { A, B, openTenantDataSource } from '../../support.js';

/** What the subscriber does to each choice before it is written. */
let change: (choice: Choice) => void | Promise<void> = () => undefined;

@EventSubscriber()
class Changing implements EntitySubscriberInterface<Choice> {
  listenTo = (): typeof Choice => Choice;
  beforeInsert = ({ entity }: InsertEvent<Choice>): void | Promise<void> => change(entity);
  beforeUpdate = ({ entity }: UpdateEvent<Choice>): void | Promise<void> =>
    change(entity as Choice);
}

let database: TestDatabase;
let dataSource: DataSource;
let pollOfA: Poll;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql(surfaceTables(A.schema) + surfaceTables(B.schema));
  dataSource = await openTenantDataSource(database, {
    entities: SURFACE_ENTITIES,
    subscribers: [Changing],
  });
});

beforeEach(async () => {
  await database.sql(surfaceRows(A.schema) + surfaceRows(B.schema));
  pollOfA = await tenantContext.run(A, () => dataSource.manager.findOneByOrFail(Poll, { id: 1 }));
});

afterEach(() => {
  change = () => undefined;
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const inB = <T>(work: () => T): T => tenantContext.run(B, work);
const state = async (): Promise<unknown> =>
  (await database.sql(surfaceState([A.schema, B.schema])))[0];

const CHANGES: [string, (choice: Choice) => void | Promise<void>][] = [
  ['at once', (choice) => void (choice.poll = pollOfA)],
  [
    'later',
    async (choice) => {
      await new Promise((resolve) => setImmediate(resolve));
      choice.poll = pollOfA;
    },
  ],
];

const WRITES: [string, () => Promise<unknown>][] = [
  ['save', () => dataSource.manager.save(Choice, { text: 'new' })],
  ['insert', () => dataSource.manager.insert(Choice, { text: 'new' })],
  [
    'save of a loaded row',
    async () => {
      const choice = await dataSource.manager.findOneByOrFail(Choice, { id: 1 });
      choice.text = 'changed';
      return dataSource.manager.save(choice);
    },
  ],
];

describe.each(CHANGES)('an entity of A that a subscriber puts in %s', (_, put) => {
  it.each(WRITES)('is rejected by a %s in B', async (__, write) => {
    const before = await state();
    change = put;
    await expect(inB(write)).rejects.toThrow(TenantMismatchError);
    expect(await state()).toEqual(before);
  });
});

it.each(WRITES)('accepts what a subscriber of B puts in, by a %s', async (_, write) => {
  const pollOfB = await inB(() => dataSource.manager.findOneByOrFail(Poll, { id: 1 }));
  change = async (choice) => {
    await Promise.resolve();
    choice.poll = pollOfB;
  };
  await expect(inB(write)).resolves.toBeDefined();
});
