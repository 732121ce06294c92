// Taking a connection, reading and writing by it over several steps, and giving it back: in order or not.
import Cursor from 'pg-cursor';
import { type Actor, ANYBODY, type Holder } from '../world/actor.js';
import {
  holderOf,
  isClient,
  isSound,
  isUsable,
  newText,
  performHeld,
  send,
  undoTransaction,
} from '../world/held.js';
import { type Operation, pick } from './operation.js';
import type { Outcome } from '../outcome.js';
import { TENANTS } from '../settings.js';
import {
  CLIENT_READS,
  CLIENT_WRITES,
  INSERT,
  READ,
  RUNNER_READS,
  RUNNER_WRITES,
} from '../statements.js';
import type { World } from '../world/world.js';

export const checkout: Operation = {
  name: 'checkout',
  weight: 4,
  isPossible: ({ holder }) => !holder,
  async run(world, actor, choice) {
    const bound = choice % 5 === 0 ? pick(TENANTS, choice) : undefined;
    const tenant = bound ?? actor.current;
    const take = async (): Promise<Holder['connection']> => {
      if (!bound && choice % 2 === 0) return { kind: 'client', client: await world.pool.connect() };
      const runner = world.sourceFor(bound).createQueryRunner();
      await runner.connect();
      return { kind: 'runner', runner };
    };
    await world.perform(actor, take, (outcome) => {
      // Behind a pooler a new connection may be greeted by a session that is just being ended.
      if (!world.expect('A checkout', ANYBODY, outcome)) return;
      actor.holder = {
        connection: outcome.value,
        tenant,
        isBound: bound !== undefined,
        levels: [],
        isAborted: false,
        isCut: false,
        hasOwnPath: false,
        isStuck: false,
      };
    });
  },
};

export const readHeld: Operation = {
  name: 'readHeld',
  weight: 4,
  isPossible: isUsable,
  async run(world, actor, choice) {
    const holder = holderOf(actor);
    const { connection } = holder;
    const expectation = actor.expectOfHolder(holder);
    const read = (): Promise<{ text: string }[]> =>
      connection.kind === 'client'
        ? pick(Object.values(CLIENT_READS), choice)(connection.client)
        : pick(Object.values(RUNNER_READS), choice)(connection.runner);
    await performHeld(world, actor, read, (outcome) =>
      world.expectRows('A read by a held connection', expectation, outcome),
    );
  },
};

export const writeHeld: Operation = {
  name: 'writeHeld',
  weight: 4,
  isPossible: isUsable,
  async run(world, actor, choice) {
    const holder = holderOf(actor);
    const { connection } = holder;
    const expectation = actor.expectOfHolder(holder);
    const text = newText(world, expectation);
    const write = (): Promise<unknown> =>
      connection.kind === 'client'
        ? pick(Object.values(CLIENT_WRITES), choice)(connection.client, text)
        : pick(Object.values(RUNNER_WRITES), choice)(connection.runner, text);
    await performHeld(world, actor, write, (outcome) => {
      const level = holder.levels.at(-1);
      if (level && world.hasMigrations && isOutdated(outcome)) {
        holder.isAborted = true;
        world.expectedRows.undo([text]);
        return;
      }
      if (!world.expect('A write by a held connection', expectation, outcome)) {
        if (outcome.kind === 'cut' && !level) world.expectedRows.allowEither([text]);
        else world.expectedRows.undo([text]);
      } else if (level) level.push(text);
      else world.expectedRows.acknowledge([text]);
    });
  },
};

/** Whether a transaction lost a prepared statement to a migration, which its owner tries again. */
function isOutdated(outcome: Outcome<unknown>): boolean {
  return outcome.kind === 'refused' && outcome.code === 'STATEMENT_OUTDATED';
}

/** Statements that a careless caller does not await. Their failure together with their connection is expected. */
export const forget: Operation = {
  name: 'forget',
  weight: 3,
  isPossible: (actor) => isSound(actor) && isClient(actor),
  async run(world, actor, choice) {
    const holder = holderOf(actor);
    const expectation = actor.expectOfHolder(holder);
    const text = newText(world, expectation);
    actor.within(() => {
      const isSent = !('refusal' in actor.expectOfStatement(holder));
      if (isSent && holder.levels.length === 0 && choice % 3 > 0) {
        holder.levels.push([]);
        send(holder, 'START TRANSACTION').catch(() => undefined);
      }
      if (holder.connection.kind !== 'client') return;
      holder.connection.client.query(INSERT, [text]).catch(() => undefined);
    });
    if ('refusal' in expectation) world.expectedRows.undo([text]);
    else if (holder.levels.length > 0) holder.levels.at(-1)?.push(text);
    else world.expectedRows.allowEither([text]);
  },
};

export const openCursor: Operation = {
  name: 'openCursor',
  isPossible: (actor) => isSound(actor) && isClient(actor),
  async run(world, actor) {
    const holder = holderOf(actor);
    const { connection } = holder;
    if (connection.kind !== 'client') return;
    const expectation = actor.expectOfHolder(holder);
    const open = async (): Promise<{ text: string }[]> => {
      const cursor = connection.client.query(new Cursor<{ text: string }>(READ));
      holder.isStuck = true;
      return cursor.read(1);
    };
    await performHeld(world, actor, open, (outcome) =>
      world.expectRows('A half read cursor', expectation, outcome),
    );
  },
};

export const release: Operation = {
  name: 'release',
  weight: 4,
  isPossible: ({ holder }) => holder !== undefined,
  async run(world, actor, choice) {
    const { connection } = holderOf(actor);
    // If another actor waits for the connection, the property already belongs to that actor.
    const again = connection.kind === 'client' ? connection.client.release : undefined;
    letGo(world, actor, choice % 4 === 0);
    if (again && choice % 4 === 1) expectRefused(() => actor.within(again));
    actor.holder = undefined;
  },
};

/** Gives the connection back as it is, with whatever is open or under way on it. */
export function letGo(world: World, actor: Actor, isClosed: boolean): void {
  const holder = holderOf(actor);
  const { connection } = holder;
  actor.within(() => {
    if (connection.kind === 'client') connection.client.release(isClosed);
    else void connection.runner.release();
  });
  undoTransaction(world, holder);
}

function expectRefused(secondRelease: () => void): void {
  try {
    secondRelease();
  } catch {
    return;
  }
  throw new Error('A connection was released twice');
}
