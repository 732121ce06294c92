import type { MigrationResult, SchemaMigrator, SchemaSelection } from '../../index.js';
import { ReportedFailure } from '../terminal/exit-code.js';
import { finishing, type FleetWords, interrupted, resultJson, resultLine } from './fleet-lines.js';
import { nameSome } from '../terminal/output/name-some.js';
import { printJson, printProblem, printWrapped } from '../terminal/output/output.js';
import { ProgressBar } from '../terminal/progress-bar.js';

/** Describes a run over many schemas, and the words of its output. */
export interface FleetRun {
  /** The selected schemas. */
  readonly selection: SchemaSelection;
  /** Starts the run. It starts no more work after the signal is aborted. */
  readonly start: (signal: AbortSignal) => AsyncIterable<MigrationResult>;
  readonly words: FleetWords;
  readonly json?: boolean | undefined;
}

/**
 * Prints a run over many schemas: each result when it is ready, or all results as one document. It then
 * prints what failed, and what an interruption left. If the run itself fails, completed results are still
 * printed. A terminal shows the progress.
 *
 * @throws ReportedFailure when a schema failed
 */
export async function printRun(
  migrator: SchemaMigrator,
  interruption: () => AbortSignal,
  { selection, start, words, json }: FleetRun,
): Promise<void> {
  const progress = new ProgressBar();
  const documents: object[] = [];
  const running = new Set<string>();
  const failed: string[] = [];
  let done = 0;
  let isOver = false;
  const draw = (): void => progress.update(done, progressText(failed.length, running));
  migrator.on('before', (schema) => {
    running.add(schema);
    draw();
  });
  migrator.on('after', ({ schema }) => running.delete(schema));
  const signal = interruption();
  signal.addEventListener('abort', () => {
    progress.above(() => printProblem(finishing([...running])));
  });
  // If nothing can be counted, for example before the first migration, the run reports the reason.
  if (progress.isVisible) progress.start(await migrator.count(selection).catch(() => 1), '');
  try {
    for await (const result of start(signal)) {
      done += 1;
      if (result.status === 'failed') failed.push(result.schema);
      draw();
      if (json) documents.push(resultJson(result));
      else progress.above(() => printResult(result, words));
    }
    isOver = true;
  } finally {
    progress.stop();
    if (json && (isOver || done > 0)) printJson(documents);
    if (failed.length > 0) {
      printProblem(`Failed: ${nameSome(failed.toSorted())}. ${words.afterFailure}`);
    }
    if (signal.aborted) printProblem(interrupted(done, words.afterInterruption));
  }
  if (failed.length > 0) throw new ReportedFailure();
}

function printResult(result: MigrationResult, words: FleetWords): void {
  const line = resultLine(result, words);
  if (result.error) printProblem(line);
  else printWrapped(line);
}

function progressText(failed: number, running: ReadonlySet<string>): string {
  const names = running.size > 0 ? `: ${nameSome([...running])}` : '';
  return `${failed > 0 ? `${failed} failed, ` : ''}${running.size} running${names}`;
}
