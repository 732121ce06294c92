import { printProblem } from '../terminal/output/output.js';

/** Exit codes that shells expect of a process that a signal ended: 128 and the signal's number. */
const EXIT_CODE_OF_SIGNAL = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Listens for signals. On the first one it undoes what several transactions made, releases what is held and ends the
 * process. The server rolls back a single transaction when its connection ends. A second signal ends the process at once.
 */
export function onInterruption({ undo, release, report }: OnInterruption): Interruption {
  const work = new AbortController();
  let isLeftToWork = false;
  let isInterrupted = false;
  let exitCode: number | undefined;
  const listeners = Object.entries(EXIT_CODE_OF_SIGNAL).map(([signal, code]) => {
    const listener = (): void => {
      exitCode = code;
      if (isLeftToWork && !work.signal.aborted) return work.abort();
      if (isInterrupted) {
        report();
        process.exit(code);
      }
      isInterrupted = true;
      undo()
        .then(release)
        .catch((error: unknown) => printProblem(String(error)))
        .finally(() => process.exit(code));
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return {
    leaveToWork() {
      isLeftToWork = true;
      return work.signal;
    },
    async settled() {
      // Work that a signal broke off does not report a failure.
      if (isInterrupted) await new Promise(() => undefined);
      if (exitCode !== undefined) process.exit(exitCode);
      for (const stopListening of listeners) stopListening();
    },
  };
}

interface OnInterruption {
  /** Undoes work, within a time limit. */
  readonly undo: () => Promise<unknown>;
  /** Releases what is held. */
  readonly release: () => Promise<unknown>;
  /** Reports what is not undone, before the process ends at once. */
  readonly report: () => void;
}

interface Interruption {
  /** Leaves the first signal from now on to the work. */
  readonly leaveToWork: () => AbortSignal;
  /** Call it once the work is over. Stops listening, or, after a signal, ends the process or leaves that to its listener. */
  readonly settled: () => Promise<void>;
}
