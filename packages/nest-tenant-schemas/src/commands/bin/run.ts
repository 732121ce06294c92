import { takeApp } from './app-option.js';
import { loadApplication } from './load-application.js';

/** Runs the command line of an application that has none of its own. */
export async function run(args: readonly string[]): Promise<void> {
  try {
    const { app, words } = await takeApp(args, process.cwd());
    process.argv.splice(2, Infinity, ...words);
    const { runCommandsOf } = await import('./commands.module.js').catch(nameMissingPackage);
    await runCommandsOf(() => loadApplication(app, process.cwd()));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}

/** @throws Error with the package to install, if it is nest-commander that is missing */
function nameMissingPackage(error: unknown): never {
  const isMissing = String((error as Error).message).includes("'nest-commander'");
  throw isMissing
    ? new Error('The commands need the package nest-commander. Install it: npm i nest-commander')
    : error;
}
