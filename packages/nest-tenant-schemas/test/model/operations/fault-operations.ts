// Requests that are given up, and backends that the server ends.
import { outcomeOf } from '../outcome.js';
import { clientOf } from '../../../src/connection/client/client-of.js';
import { letGo } from './connection-operations.js';
import { cutOff, holderOf, isInTransaction, isSound, rowsOf, send } from '../world/held.js';
import type { Operation } from './operation.js';
import type { World } from '../world/world.js';

/** The request's socket is destroyed, with a statement under way or not. */
export const cancel: Operation = {
  name: 'cancel',
  isPossible: ({ holder }) => holder !== undefined,
  async run(world, actor, choice) {
    const holder = holderOf(actor);
    const { connection } = holder;
    world.hasFaults = true;
    if (choice % 2 === 0 && isSound(actor)) {
      send(holder, 'SELECT pg_catalog.pg_sleep(0.001)').catch(() => undefined);
    }
    const client = connection.kind === 'client' ? connection.client : clientOf(connection.runner);
    client?.connection.stream.destroy();
    letGo(world, actor, choice % 3 === 0);
    actor.holder = undefined;
  },
};

/** Ends the backend of an open transaction. Between transactions, a backend behind a pooler belongs to no actor. */
export const kill: Operation = {
  name: 'kill',
  isPossible: (actor) => isSound(actor) && isInTransaction(actor),
  async run(world, actor) {
    const holder = holderOf(actor);
    world.hasFaults = true;
    const outcome = await outcomeOf(() => send(holder, 'SELECT pg_backend_pid() AS pid'));
    // The connection may already be lost, if a statement that was not awaited has not reported it yet.
    if (outcome.kind !== 'done') return cutOff(world, holder);
    const [row] = rowsOf<{ pid: number }>(outcome.value);
    await terminate(world, 'pid = $1', [row?.pid]);
    cutOff(world, holder);
  },
};

export const killAll: Operation = {
  name: 'killAll',
  isPossible: () => true,
  async run(world) {
    world.hasFaults = true;
    // A transaction that waits for its first statement has no backend that could be ended.
    for (const actor of world.actors) {
      if (!isSound(actor) || !isInTransaction(actor)) continue;
      await outcomeOf(() => send(holderOf(actor), 'SELECT 1'));
    }
    await terminate(
      world,
      `datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    );
    for (const { holder } of world.actors) if (holder?.levels.length) cutOff(world, holder);
  },
};

/** Ends backends, and waits until they are gone. The server's own waiting looks ten times a second only. */
async function terminate({ database }: World, which: string, values?: unknown[]): Promise<void> {
  const ended = await database.sql<{ pid: number }>(
    `SELECT pid, pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE ${which}`,
    values,
  );
  const pids = ended.map(({ pid }) => pid);
  const left = 'SELECT pid FROM pg_catalog.pg_stat_activity WHERE pid = ANY ($1)';
  while ((await database.sql(left, [pids])).length > 0);
}
