/** Prints a line of a command's result. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Prints the one document of `--json`. */
export function printJson(document: unknown): void {
  print(JSON.stringify(document, null, 2));
}

/** Prints a problem or a warning, where it does not mix with the result. */
export function printProblem(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What a pipe fails with that nobody reads any more, and a terminal that was closed. */
const NOBODY_READS: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO']);

/** Lets a reader close the pipe early (`| head -1`): it wants no more output, the work goes on. */
export function allowClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!NOBODY_READS.has(error.code)) throw error;
    });
  }
}
