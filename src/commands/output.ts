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

/** Lets a reader close the pipe early (`| head -1`): it wants no more output, the work goes on. */
export function allowClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
