import { Console } from 'node:console';
import { wrapLine } from './wrap-line.js';

/** Prints a line of a command's result. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a line of text. On a terminal it breaks the line between words if the line is too long. */
export function printWrapped(line: string): void {
  print(wrapLine(line, process.stdout.columns));
}

/** Prints the one document of `--json`. */
export function printJson(document: unknown): void {
  print(JSON.stringify(document, null, 2));
}

/** Prints a problem or a warning on stderr, apart from the result. */
export function printProblem(line: string): void {
  process.stderr.write(`${line}\n`);
}

/**
 * Sends to stderr what the application logs on the console, for example the statements of TypeORM's logger. stdout is the
 * command's result.
 */
export function sendLogsToStderr(): void {
  const { stderr } = process;
  const { error } = new Console(stderr, stderr);
  Object.assign(globalThis.console, { log: error, info: error, debug: error });
}

/** Lists errors of a pipe without a reader, and of a closed terminal. */
const READER_CLOSED: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO']);

/** Lets a reader close the pipe early (`| head -1`). The reader needs no more output, and the work continues. */
export function allowClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!READER_CLOSED.has(error.code)) throw error;
    });
  }
}
