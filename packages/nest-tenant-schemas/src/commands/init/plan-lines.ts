import type { AdoptionPlan } from '../../index.js';
import type { SourceChange } from './source/source-change.js';

/** Returns the lines that `init` prints. */
export function planLines(
  { moves, stays, obstacles, warnings }: AdoptionPlan,
  changes: readonly SourceChange[],
): string[] {
  return [
    ...section('Change in the source', changes.flatMap(changeLines), 'nothing'),
    ...section(
      'Moves to the schema of the first tenant',
      moves.map(({ type, identity }) => `${type} ${identity}`),
      'nothing',
    ),
    ...section('Stays in public', stays.map(reasonLine), 'only extensions'),
    ...(warnings.length > 0 ? section('May fail afterwards', warnings.map(reasonLine), '') : []),
    ...section('Prevents the adoption', obstacles.map(reasonLine), 'nothing'),
    ...(obstacles.length === 0
      ? ["Next, stop the application and run: tenant-schemas init --apply --name '<name>'"]
      : []),
  ];
}

function section(title: string, lines: readonly string[], none: string): string[] {
  return [`${title}:`, ...(lines.length > 0 ? lines : [none]).map((line) => `  ${line}`), ''];
}

function changeLines({ file, line, text, change }: SourceChange): string[] {
  return file === undefined ? [change] : [`${file}:${line}: ${text}`, `  ${change}`];
}

const reasonLine = ({ what, why }: { what: string; why: string }): string => `${what}: ${why}`;
