import cluster from 'node:cluster';
import { Logger } from '@nestjs/common';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** What the primary sends to a worker that is to stop. */
export const STOP = 'stop';

/**
 * On the first signal, or, in a worker, when the primary says so: stops, and ends the process. A second signal ends it at
 * once.
 *
 * @param stop its result is the exit code
 */
export function stopOnSignals(stop: () => Promise<number>): void {
  const logger = new Logger('Shutdown');
  let isStopping = false;
  const begin = (cause: string): void => {
    if (isStopping) {
      logger.warn(`${cause} again: ending at once.`);
      process.exit(1);
    }
    isStopping = true;
    stop().then(
      (code) => process.exit(code),
      (error: unknown) => {
        logger.error(error instanceof Error ? error.message : String(error));
        process.exit(1);
      },
    );
  };
  if (cluster.isWorker) process.on('message', (message) => message === STOP && begin(STOP));
  // Ctrl-C reaches all processes of a terminal, and some supervisors signal all of a service: a worker leaves
  // it to the primary, so that one signal is not taken for two.
  for (const signal of SIGNALS) process.on(signal, cluster.isWorker ? ignore : () => begin(signal));
}

function ignore(): void {
  // Nothing to do.
}
