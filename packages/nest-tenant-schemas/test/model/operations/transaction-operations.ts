// Transactions and savepoints on a held connection: begun, committed, rolled back, failed; and session settings.
import type { Actor } from '../world/actor.js';
import { holderOf, isInTransaction, isSound, performHeld, send } from '../world/held.js';
import { type Operation, pick } from './operation.js';
import { roleSettings, SETTINGS } from '../statements.js';
import type { World } from '../world/world.js';

const DEEPEST = 4;

export const begin: Operation = {
  name: 'begin',
  weight: 3,
  isPossible: (actor) => isSound(actor) && holderOf(actor).levels.length < DEEPEST,
  async run(world, actor) {
    const { connection, levels } = holderOf(actor);
    const start = (): Promise<unknown> =>
      connection.kind === 'client'
        ? connection.client.query(levels.length === 0 ? 'BEGIN' : `SAVEPOINT s${levels.length}`)
        : connection.runner.startTransaction();
    await control(world, actor, start, () => levels.push([]));
  },
};

export const commit: Operation = {
  name: 'commit',
  weight: 2,
  // A failed transaction can be committed, which rolls it back; its savepoints cannot be released.
  isPossible: (actor) =>
    isInTransaction(actor) && (!holderOf(actor).isAborted || holderOf(actor).levels.length === 1),
  async run(world, actor) {
    const holder = holderOf(actor);
    const { connection, levels, isAborted } = holder;
    const depth = levels.length - 1;
    const expectation = actor.expectOfStatement(holder);
    const end = (): Promise<unknown> =>
      connection.kind === 'client'
        ? connection.client.query(depth === 0 ? 'COMMIT' : `RELEASE SAVEPOINT s${depth}`)
        : connection.runner.commitTransaction();
    await performHeld(world, actor, end, (outcome) => {
      const isDone = world.expect('A commit', expectation, outcome);
      // A refused commit leaves the transaction open.
      if ('refusal' in expectation) return;
      const texts = levels.pop() ?? [];
      if (!isDone) world.expectedRows.allowEither(texts);
      else if (isAborted) world.expectedRows.undo(texts);
      else if (depth === 0) world.expectedRows.acknowledge(texts);
      else levels.at(-1)?.push(...texts);
      holder.isAborted = false;
    });
  },
};

export const rollback: Operation = {
  name: 'rollback',
  weight: 2,
  isPossible: isInTransaction,
  async run(world, actor) {
    const holder = holderOf(actor);
    const { connection, levels } = holder;
    const depth = levels.length - 1;
    const undo = (): Promise<unknown> =>
      connection.kind === 'client'
        ? connection.client.query(depth === 0 ? 'ROLLBACK' : `ROLLBACK TO SAVEPOINT s${depth}`)
        : connection.runner.rollbackTransaction();
    await control(world, actor, undo, () => {
      world.expectedRows.undo(levels.pop() ?? []);
      holder.isAborted = false;
    });
  },
};

export const fail: Operation = {
  name: 'fail',
  isPossible: isSound,
  async run(world, actor) {
    const holder = holderOf(actor);
    const expectation = actor.expectOfStatement(holder);
    await performHeld(
      world,
      actor,
      () => send(holder, 'SELECT 1/0'),
      (outcome) => {
        if ('refusal' in expectation) {
          world.expect('A division by zero', expectation, outcome);
          return;
        }
        if (outcome.kind === 'done') throw new Error('A division by zero succeeded');
        holder.isAborted = holder.levels.length > 0;
      },
    );
  },
};

export const set: Operation = {
  name: 'set',
  weight: 4,
  isPossible: isSound,
  async run(world, actor, choice) {
    const holder = holderOf(actor);
    const mayUndoRole = world.hasRoles && holder.levels.length === 0;
    const ofRole = mayUndoRole ? roleSettings(world.tenantRoles) : [];
    world.mayHavePath = true;
    if (holder.levels.length > 0) holder.hasOwnPath = true;
    await control(world, actor, () => send(holder, pick([...SETTINGS, ...ofRole], choice)));
  },
};

/** @param then what is so when the statement has succeeded */
function control(
  world: World,
  actor: Actor,
  work: () => Promise<unknown>,
  then?: () => void,
): Promise<void> {
  const expectation = actor.expectOfStatement(holderOf(actor));
  return performHeld(world, actor, work, (outcome) => {
    if (world.expect('A statement without a schema', expectation, outcome)) then?.();
  });
}
