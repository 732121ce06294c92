// What the operations on a held connection share.
import type { Tenant } from '../../../src/index.js';
import type { Actor, Expectation, Holder } from './actor.js';
import { pick } from '../operations/operation.js';
import type { Outcome } from '../outcome.js';
import { TENANTS } from '../settings.js';
import type { World } from './world.js';

/** The actor's connection; asked only where an operation is possible. */
export const holderOf = (actor: Actor): Holder => actor.holder as Holder;

/** Whether statements of the connection are answered, if only by refusals. */
export const isUsable = ({ holder }: Actor): boolean => holder !== undefined && !holder.isStuck;

/** Whether they can also succeed. */
export const isSound = (actor: Actor): boolean =>
  isUsable(actor) && !holderOf(actor).isCut && !holderOf(actor).isAborted;

export const isInTransaction = (actor: Actor): boolean =>
  isUsable(actor) && !holderOf(actor).isCut && holderOf(actor).levels.length > 0;

export const isClient = ({ holder }: Actor): boolean => holder?.connection.kind === 'client';

/** Sends a statement that names no tenant's schema. */
export function send({ connection }: Holder, text: string): Promise<unknown> {
  return connection.kind === 'client'
    ? connection.client.query(text)
    : connection.runner.query(text);
}

/** Lets an actor use its connection, and checks the outcome if the connection reports one. */
export async function performHeld<T>(
  world: World,
  actor: Actor,
  work: () => Promise<T>,
  judge: (outcome: Outcome<T>) => void,
): Promise<void> {
  const holder = holderOf(actor);
  const judgeHeld = (outcome: Outcome<T>): void => {
    if (outcome.kind !== 'aborted' || !holder.isAborted) judge(outcome);
    if (outcome.kind === 'cut') cutOff(world, holder);
  };
  await world.perform(actor, work, judgeHeld, false);
}

/** What a lost connection leaves of its transaction: nothing. */
export function cutOff(world: World, holder: Holder): void {
  holder.isCut = true;
  undoTransaction(world, holder);
}

export function undoTransaction(world: World, holder: Holder): void {
  world.expectedRows.undo(holder.levels.flat());
  holder.levels = [];
}

/** A text to write; where the write must be refused, one that no tenant may hold. */
export function newText(world: World, expectation: Expectation): string {
  const owner: Tenant = 'owner' in expectation ? expectation.owner : pick(TENANTS, 0);
  return world.expectedRows.newText(owner);
}

/** A client answers by a result, a query runner by its rows. */
export function rowsOf<Row>(answer: unknown): Row[] {
  return (Array.isArray(answer) ? answer : (answer as { rows: Row[] }).rows) as Row[];
}
