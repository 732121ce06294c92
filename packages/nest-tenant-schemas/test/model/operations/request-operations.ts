// Entering and leaving contexts, and what a request does without holding a connection.
import type { DataSource } from 'typeorm';
import { Note } from '../../tenancy/support.js';
import { newText } from '../world/held.js';
import { homeOf } from '../world/expected-rows.js';
import { type Operation, pick } from './operation.js';
import { TENANTS } from '../settings.js';
import {
  isPooled,
  readByName,
  DATA_SOURCE_READS,
  DATA_SOURCE_WRITES,
  POOL_READS,
  RELATION_OF_NOTE,
  UNQUALIFIED_READS,
  USES_OF_NOTES,
} from '../statements.js';

const DEEPEST = 3;
const always = (): boolean => true;

/** Every way of the plain DataSource, and of its pool. */
const PLAIN_READS = Object.entries({ ...DATA_SOURCE_READS, ...POOL_READS });

const UNQUALIFIED = Object.entries(UNQUALIFIED_READS);

export const boundTenant = (choice: number): (typeof TENANTS)[number] | undefined =>
  choice % 4 === 0 ? pick(TENANTS, choice >> 2) : undefined;

export const enter: Operation = {
  name: 'enter',
  weight: 5,
  isPossible: ({ contexts }) => contexts.length < DEEPEST,
  async run(_world, { contexts }, choice) {
    contexts.push(choice % 7 === 0 ? undefined : pick(TENANTS, choice));
  },
};

export const leave: Operation = {
  name: 'leave',
  weight: 4,
  isPossible: ({ contexts }) => contexts.length > 0,
  async run(_world, { contexts }) {
    contexts.pop();
  },
};

export const read: Operation = {
  name: 'read',
  weight: 8,
  isPossible: always,
  async run(world, actor, choice) {
    const bound = boundTenant(choice);
    const expectation = actor.expectOfRequest(bound);
    const isUnqualified = world.hasSearchPath && 'owner' in expectation && choice % 3 === 0;
    const ways = bound ? Object.entries(DATA_SOURCE_READS) : PLAIN_READS;
    const [what, way] = pick(isUnqualified ? UNQUALIFIED : ways, choice >> 1);
    const source = world.sourceFor(bound);
    await world.perform(
      actor,
      () => way(source),
      (outcome) => world.expectRows(what, expectation, outcome),
    );
  },
};

/** Often enough that two tenants use the name on one connection. */
export const readNamed: Operation = {
  name: 'readNamed',
  weight: 4,
  isPossible: () => !isPooled,
  async run(world, actor) {
    const expectation = actor.expectOfRequest();
    await world.perform(
      actor,
      () => readByName(world.dataSource),
      (outcome) => world.expectRows('A named statement', expectation, outcome),
    );
  },
};

export const write: Operation = {
  name: 'write',
  weight: 6,
  isPossible: always,
  async run(world, actor, choice) {
    const bound = boundTenant(choice);
    const [what, way] = pick(Object.entries(DATA_SOURCE_WRITES), choice >> 1);
    const expectation = actor.expectOfRequest(bound);
    const text = newText(world, expectation);
    const source = world.sourceFor(bound);
    await world.perform(
      actor,
      () => way(source, text),
      (outcome) => {
        if (world.expect(what, expectation, outcome)) world.expectedRows.acknowledge([text]);
        else if (outcome.kind === 'cut') world.expectedRows.allowEither([text]);
        else world.expectedRows.undo([text]);
      },
    );
  },
};

class Undone extends Error {}

/** A request that throws in the middle of its transaction. */
export const failingTransaction: Operation = {
  name: 'failingTransaction',
  isPossible: always,
  async run(world, actor, choice) {
    const bound = boundTenant(choice);
    const expectation = actor.expectOfRequest(bound);
    const text = newText(world, expectation);
    world.expectedRows.undo([text]);
    await world.perform(
      actor,
      () => writeAndThrow(world.sourceFor(bound), text),
      (outcome) => void world.expect('A transaction that throws', expectation, outcome),
    );
  },
};

async function writeAndThrow(source: DataSource, text: string): Promise<void> {
  try {
    await source.transaction(async (manager) => {
      await manager.save(Note, { text });
      throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
  }
}

/** Loads an entity and keeps it, for whatever context comes next. */
export const keep: Operation = {
  name: 'keep',
  weight: 3,
  isPossible: always,
  async run(world, actor, choice) {
    const bound = boundTenant(choice);
    const expectation = actor.expectOfRequest(bound);
    const source = world.sourceFor(bound);
    await world.perform(
      actor,
      () => source.getRepository(Note).find({ where: { id: 1 } }),
      (outcome) => {
        world.expectRows('An entity', expectation, outcome);
        if (outcome.kind !== 'done' || !('owner' in expectation)) return;
        const [note] = outcome.value;
        if (note) actor.pocket = { note, tenant: expectation.owner, isBound: bound !== undefined };
      },
    );
  },
};

export const saveKept: Operation = {
  name: 'saveKept',
  weight: 2,
  isPossible: ({ pocket }) => pocket !== undefined,
  async run(world, actor, choice) {
    const { pocket } = actor;
    if (!pocket) return;
    const expectation = actor.expectOfPocket(pocket);
    pocket.note.text = homeOf(pocket.tenant, choice);
    const save = (): Promise<Note> =>
      world.dataSource.getRepository(Note).save(pocket.note, { listeners: choice % 2 === 0 });
    await world.perform(actor, save, (outcome) => {
      world.expect('The save of an entity', expectation, outcome);
    });
  },
};

/** Uses a kept entity where only its id counts, through the DataSource or a handle. */
export const useKept: Operation = {
  name: 'useKept',
  weight: 2,
  isPossible: ({ pocket }) => pocket !== undefined,
  async run(world, actor, choice) {
    const { pocket } = actor;
    if (!pocket) return;
    const bound = boundTenant(choice);
    const [what, use] = pick(Object.entries(USES_OF_NOTES), choice >> 1);
    // Like a lazy relation, it loads in the handle that the entity came from.
    const loadsInItsHandle = use === USES_OF_NOTES[RELATION_OF_NOTE] && pocket.isBound;
    const expectation =
      loadsInItsHandle && !bound && !actor.current
        ? { owner: pocket.tenant }
        : actor.expectOfPocket(pocket, bound);
    const source = world.sourceFor(bound);
    await world.perform(
      actor,
      () => use(source, pocket.note),
      (outcome) => world.expectRows(what, expectation, outcome),
    );
  },
};

export const readLazily: Operation = {
  name: 'readLazily',
  weight: 3,
  isPossible: ({ pocket }) => pocket !== undefined,
  async run(world, actor) {
    const { pocket } = actor;
    if (!pocket) return;
    const { note, tenant, isBound } = pocket;
    const expectation = isBound ? { owner: tenant } : actor.expectOfPocket(pocket);
    // What has been loaded stays with the entity.
    actor.pocket = undefined;
    await world.perform(
      actor,
      async () => note.remarks,
      (outcome) => world.expectRows('A lazy relation', expectation, outcome),
    );
  },
};
