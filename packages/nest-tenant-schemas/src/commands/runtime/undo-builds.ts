import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { SchemaBuilds } from '../../index.js';
import { nameSome } from '../terminal/name-some.js';
import { printProblem } from '../terminal/output.js';

/** A little more than a drop waits for others to leave a schema alone. */
const UNDO_LIMIT_MS = 12_000;

/** Breaks off the creation of schemas, drops what was made, and reports what is left after a time limit. */
export async function undoBuilds(dataSource: DataSource): Promise<void> {
  const builds = SchemaBuilds.of(dataSource);
  if (builds.unfinished.length > 0) {
    printProblem(
      `Removing what was created (${nameSome(builds.unfinished)}). Interrupt again to leave it.`,
    );
  }
  await Promise.race([builds.abort(), sleep(UNDO_LIMIT_MS)]);
  reportUnfinished(dataSource);
}

/** Reports schemas that are left unfinished, and how to remove them. */
export function reportUnfinished(dataSource: DataSource): void {
  const { unfinished } = SchemaBuilds.of(dataSource);
  if (unfinished.length === 0) return;
  printProblem(
    `An unfinished schema may be left: ${nameSome(unfinished)}. Remove it: tenant-schemas doctor --fix`,
  );
}
