#!/usr/bin/env node
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { CommandFactory } from 'nest-commander';
import { CliModule } from './cli.module.js';
import { ExitCode, exitCodeOf, problemOf } from './commands/exit-code.js';
import { allowClosedPipes, printProblem } from './commands/output.js';
import type { CommanderCommand } from './commands/tenancy-command.js';

const NAME = 'tenant-schemas';

/** The package's, seen from `dist/src`. */
const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** Usage lines name the package's `bin`, not the file that runs. */
function usageOf(command: CommanderCommand): string {
  return [NAME, ...(command.parent ? [command.name()] : []), command.usage()].join(' ');
}

/** nest-commander by itself exits 0 when a command throws. */
function report(error: Error): void {
  process.exitCode = exitCodeOf(error);
  const problem = problemOf(error);
  if (problem !== undefined) printProblem(problem);
}

allowClosedPipes();
process.exitCode = ExitCode.Done;
await CommandFactory.run(CliModule, {
  cliName: NAME,
  version,
  // Nest writes other levels to stdout, which is the result's.
  logger: ['fatal', 'error'],
  errorHandler: (error) => {
    throw error;
  },
  serviceErrorHandler: report,
  helpConfiguration: { commandUsage: usageOf },
});
