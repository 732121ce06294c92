import cluster from 'node:cluster';
import { Logger } from '@nestjs/common';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Message with which the primary stops a worker. */
export const STOP = 'stop';

/**
 * Stops the process on the first signal. A worker stops when the primary sends {@link STOP}. A second signal ends the process
 * immediately.
 *
 * @param stop returns the exit code
 */
export function stopOnSignals(stop: () => Promise<number>): void {
  const logger = new Logger('Shutdown');
  let isStopping = false;
  const begin = (cause: string): void => {
    if (isStopping) {
      logger.warn(`${cause} again: exiting immediately.`);
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
  // A worker ignores signals. Ctrl-C reaches all processes of a terminal, and some supervisors signal all processes of a
  // service, so the worker would count the signal and the message of the primary as two.
  for (const signal of SIGNALS) process.on(signal, cluster.isWorker ? ignore : () => begin(signal));
}

function ignore(): void {
  // The primary handles the signal.
}
