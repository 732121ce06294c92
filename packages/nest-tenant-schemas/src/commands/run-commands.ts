import type { Type } from '@nestjs/common';
import { CommandFactory } from 'nest-commander';
import { helpOf } from './terminal/help.js';
import { ExitCode, exitCodeOf, problemOf } from './terminal/exit-code.js';
import { endProcess, watchForEarlyEnd } from './terminal/process-end.js';
import { allowClosedPipes, printProblem, sendLogsToStderr } from './terminal/output/output.js';

/** What the command line calls itself. */
export interface CommandLine {
  /** Name in usage lines: the program's, not that of the file that runs. */
  readonly name: string;
  /** What `--version` prints. */
  readonly version: string;
  /** Arguments between the program's name and the command, for the usage lines. Default: none. */
  readonly usage?: string;
}

/**
 * Runs the command that the arguments of the process name, prints its problem and ends the process with an exit code: 0 done,
 * 1 failed, 2 wrong usage. What the application leaves open, such as a timer, does not keep the process alive.
 *
 * @param module imports `TenantCommandsModule`, and provides the application's own commands
 */
export async function runCommands(
  module: Type,
  { name, version, usage }: CommandLine,
): Promise<void> {
  allowClosedPipes();
  sendLogsToStderr();
  process.exitCode = ExitCode.Done;
  const stopWatching = watchForEarlyEnd();
  await CommandFactory.run(module, {
    cliName: name,
    version,
    // Nest writes other levels to stdout, which is the result's.
    logger: ['fatal', 'error'],
    errorHandler: (error) => {
      throw error;
    },
    serviceErrorHandler: report,
    helpConfiguration: helpOf(usage === undefined ? name : `${name} ${usage}`),
  }).catch(report);
  stopWatching();
  await endProcess();
}

/** Reports an error. nest-commander by itself exits 0 if a command throws. */
function report(thrown: unknown): void {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  process.exitCode = exitCodeOf(error);
  const problem = problemOf(error);
  if (problem !== undefined) printProblem(problem);
}
