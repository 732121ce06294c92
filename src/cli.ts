#!/usr/bin/env node
import 'reflect-metadata';
import { CommandFactory } from 'nest-commander';
import { CliModule } from './cli.module.js';
import {
  allowClosedPipes,
  type CommanderCommand,
  ExitCode,
  exitCodeOf,
  printProblem,
  problemOf,
} from 'nest-tenant-schemas/commands';
import { packageVersion } from './config/package-version.js';

const NAME = 'tenant-schemas';

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
  version: packageVersion(),
  // Nest writes other levels to stdout, which is the result's.
  logger: ['fatal', 'error'],
  errorHandler: (error) => {
    throw error;
  },
  serviceErrorHandler: report,
  helpConfiguration: { commandUsage: usageOf },
});
