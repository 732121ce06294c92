import type { Type } from '@nestjs/common';
import { CommandFactory, CommandRunnerService } from 'nest-commander';

/**
 * Runs a command line of a module in this process.
 *
 * @returns what the command prints on stdout
 * @throws Error of the command, or CommanderError for wrong usage
 */
export async function runCommandOf(module: Type, ...words: string[]): Promise<string> {
  let printed = '';
  const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  // Commander prints wrong usage itself, before it throws.
  const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const fail = (error: Error): never => {
    throw error;
  };
  const application = await CommandFactory.createWithoutRunning(module, {
    errorHandler: fail,
    serviceErrorHandler: fail,
  });
  try {
    await application.get(CommandRunnerService).run(['node', 'cli', ...words]);
    return printed;
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
    await application.close();
  }
}
