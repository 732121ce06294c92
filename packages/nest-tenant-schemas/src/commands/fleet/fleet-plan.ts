import type { PlannedMigrations } from '../../index.js';
import { planJson, planLines } from './fleet-lines.js';
import { print, printJson } from '../terminal/output/output.js';

/** Prints what a run would send: SQL for each schema as it comes, or all as one document. */
export async function printPlan(
  plans: AsyncIterable<PlannedMigrations>,
  json = false,
): Promise<void> {
  const all: object[] = [];
  let isEmpty = true;
  for await (const plan of plans) {
    isEmpty = false;
    if (json) all.push(planJson(plan));
    else for (const line of planLines(plan)) print(line);
  }
  if (json) printJson(all);
  else if (isEmpty) print('-- Nothing to do: every selected schema is up to date.');
}
