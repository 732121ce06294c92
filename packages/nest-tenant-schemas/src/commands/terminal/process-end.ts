import type { Writable } from 'node:stream';
import { ExitCode } from './exit-code.js';
import { printProblem } from './output/output.js';

/**
 * Reports a process that ends before its command does: nothing is left that could settle the promise that the command awaits.
 * Node.js by itself would end such a process with the exit code 0.
 *
 * @returns a function that stops the watch
 */
export function watchForEarlyEnd(): () => void {
  process.once('beforeExit', reportEarlyEnd);
  return () => process.off('beforeExit', reportEarlyEnd);
}

function reportEarlyEnd(): void {
  process.exitCode = ExitCode.Failed;
  printProblem(
    'The command ended before its work was done: a promise never settled. ' +
      'Look for one in the start or the shutdown hooks of the application.',
  );
}

/**
 * Ends the process with its exit code, after all output is written. Timers, watchers and connections that an application
 * leaves open would keep the process alive.
 */
export async function endProcess(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map(flush));
  process.exit();
}

/** Waits until a stream has written what it got. A closed pipe counts as written. */
export function flush(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
