// Raw SQL without a schema on a held connection. In every setting it is refused while another tenant is current. With a
// search path it reads the tenant's own rows; otherwise the table does not exist, unless raw SQL has set a search path.
import { POSTGRES_ERROR } from '../../../src/core/postgres-error-codes.js';
import { holderOf, isSound, performHeld, rowsOf, send } from '../world/held.js';
import type { Operation } from './operation.js';
import type { Outcome } from '../outcome.js';
import { UNQUALIFIED_READ } from '../statements.js';

const WHAT = 'Unqualified SQL on a held connection';

export const readUnqualified: Operation = {
  name: 'readUnqualified',
  weight: 3,
  isPossible: isSound,
  async run(world, actor) {
    const holder = holderOf(actor);
    const expectation = actor.expectOfStatement(holder);
    const read = async (): Promise<{ text: string }[]> =>
      rowsOf(await send(holder, UNQUALIFIED_READ));
    await performHeld(world, actor, read, (outcome) => {
      if ('refusal' in expectation) return world.expectRows(WHAT, expectation, outcome);
      if (outcome.kind === 'unexpected' || outcome.kind === 'refused') {
        holder.isAborted = holder.levels.length > 0;
      }
      if (world.hasIsolationSettings ? holder.hasOwnPath : world.mayHavePath) return;
      if (world.hasSearchPath && holder.tenant) {
        return world.expectRows(WHAT, { owner: holder.tenant }, outcome);
      }
      if (!isUndefinedTable(outcome))
        world.expect(WHAT, { refusal: POSTGRES_ERROR.undefinedTable }, outcome);
    });
  },
};

function isUndefinedTable(outcome: Outcome<unknown>): boolean {
  if (outcome.kind !== 'unexpected') return false;
  const { code, driverError } = outcome.error as { code?: string; driverError?: { code?: string } };
  return (driverError?.code ?? code) === POSTGRES_ERROR.undefinedTable;
}
