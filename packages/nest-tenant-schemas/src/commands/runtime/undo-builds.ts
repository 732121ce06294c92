import { setTimeout as sleep } from 'node:timers/promises';
import type { SchemaBuilds } from '../../index.js';
import { nameSome } from '../terminal/output/name-some.js';
import { printProblem } from '../terminal/output/output.js';

/** A little more than a drop waits for others to leave a schema alone. */
const UNDO_LIMIT_MS = 12_000;

/** Breaks off the creation of schemas, drops what was made, and reports what is left after a time limit. */
export async function undoBuilds(
  builds: Pick<SchemaBuilds, 'unfinished' | 'abort'>,
): Promise<void> {
  if (builds.unfinished.length > 0) {
    printProblem(
      `Removing unfinished schemas (${nameSome(builds.unfinished)}). Interrupt again to leave them.`,
    );
  }
  await Promise.race([builds.abort(), sleep(UNDO_LIMIT_MS)]);
  reportUnfinished(builds);
}

/** Reports schemas that are left unfinished, and how to remove them. */
export function reportUnfinished({ unfinished }: Pick<SchemaBuilds, 'unfinished'>): void {
  if (unfinished.length === 0) return;
  printProblem(
    `Unfinished schemas may remain: ${nameSome(unfinished)}. Remove them: tenant-schemas doctor --fix`,
  );
}
