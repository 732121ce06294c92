// SQL that names another tenant's schema, as a mistake or an injection does. By names alone it works; where each
// tenant has a role, the server refuses it, in whatever context and on whatever connection.
import type { Tenant } from '../../../src/index.js';
import { POSTGRES_ERROR } from '../../../src/core/postgres-error-codes.js';
import type { Expectation } from '../world/actor.js';
import { holderOf, isSound, performHeld, send } from '../world/held.js';
import { type Operation, pick } from './operation.js';
import { boundTenant } from './request-operations.js';
import { TENANTS } from '../settings.js';
import { REACHES } from '../statements.js';
import type { World } from '../world/world.js';

const DENIED: Expectation = { refusal: POSTGRES_ERROR.insufficientPrivilege };

export const reach: Operation = {
  name: 'reach',
  weight: 3,
  isPossible: (_actor, { hasRoles }) => hasRoles,
  async run(world, actor, choice) {
    const bound = boundTenant(choice);
    const text = reachBeyond(world, bound ?? actor.current, choice);
    const source = world.sourceFor(bound);
    await world.perform(
      actor,
      () => source.query(text),
      (outcome) => void world.expect(text, DENIED, outcome),
    );
  },
};

export const reachHeld: Operation = {
  name: 'reachHeld',
  weight: 5,
  isPossible: (actor, { hasRoles }) => hasRoles && isSound(actor),
  async run(world, actor, choice) {
    const holder = holderOf(actor);
    const text = reachBeyond(world, holder.tenant, choice);
    const expectation = actor.expectOfStatement(holder);
    const isSent = !('refusal' in expectation);
    await performHeld(
      world,
      actor,
      () => send(holder, text),
      (outcome) => {
        world.expect(text, isSent ? DENIED : expectation, outcome);
        if (isSent) holder.isAborted = holder.levels.length > 0;
      },
    );
  },
};

/** A statement that reads or writes another tenant's rows. */
function reachBeyond(world: World, own: Tenant | undefined, choice: number): string {
  const others = TENANTS.filter((tenant) => tenant !== own);
  const other = pick(others, choice);
  const mark = world.expectedRows.newText(other);
  world.expectedRows.undo([mark]);
  return pick(REACHES, choice >> 1)(other, mark);
}
