// One interleaving after another, drawn by fast-check, until one breaks isolation or all are done.
import fc from 'fast-check';
import { letGo } from './operations/connection-operations.js';
import * as connectionOperations from './operations/connection-operations.js';
import * as faultOperations from './operations/fault-operations.js';
import * as migrationOperations from './operations/migration-operations.js';
import { type Operation, Step } from './operations/operation.js';
import * as reachOperations from './operations/reach-operations.js';
import * as requestOperations from './operations/request-operations.js';
import { ACTORS, MAX_STEPS, REPLAY_PATH } from './settings.js';
import * as transactionOperations from './operations/transaction-operations.js';
import * as unqualifiedOperations from './operations/unqualified-operations.js';
import type { World } from './world/world.js';

const OPERATIONS = [
  connectionOperations,
  faultOperations,
  migrationOperations,
  reachOperations,
  requestOperations,
  transactionOperations,
  unqualifiedOperations,
]
  .flatMap((module) => Object.values(module) as unknown[])
  .filter((member): member is Operation => typeof member === 'object');

const LARGEST_CHOICE = 1000;

const steps = fc.commands(
  OPERATIONS.flatMap((operation) =>
    Array.from({ length: operation.weight ?? 1 }, () =>
      fc
        .tuple(fc.nat(ACTORS - 1), fc.nat(LARGEST_CHOICE))
        .map(([actor, choice]) => new Step(operation, actor, choice)),
    ),
  ),
  {
    maxCommands: MAX_STEPS,
    size: 'max',
    ...(REPLAY_PATH !== undefined && { replayPath: REPLAY_PATH }),
  },
);

type Steps = Iterable<fc.AsyncCommand<World, World>>;

/** How a model ended. */
export interface ModelResult {
  readonly runs: number;
  /** What failed first, in the shortest list of steps that was found for it. */
  readonly error: unknown;
  /** fast-check's report of it, with the seed and the paths that repeat it; null when nothing failed. */
  readonly report: string | null;
}

export async function runModel(
  world: World,
  parameters: fc.Parameters<[Steps]>,
): Promise<ModelResult> {
  const property = fc.asyncProperty(steps, async (commands) => {
    await world.reset();
    try {
      await fc.asyncModelRun(() => ({ model: world, real: world }), commands);
      await finish(world);
      await world.compare();
    } finally {
      await finish(world).catch(() => undefined);
      await world.closeConnections();
    }
  });
  const details = await fc.check(property, parameters);
  const report = details.failed ? await fc.asyncDefaultReportMessage(details) : undefined;
  return { runs: details.numRuns, error: details.errorInstance, report: report ?? null };
}

/** Lets everybody release what they hold, and end what they waited for. */
async function finish(world: World): Promise<void> {
  while (world.actors.some(({ holder, isWaiting }) => holder || isWaiting)) {
    for (const actor of world.actors) {
      if (actor.holder) letGo(world, actor, false);
      actor.holder = undefined;
    }
    await world.serveWaiting();
  }
}
