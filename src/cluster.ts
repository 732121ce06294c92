import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import type { Environment } from './config/environment.interface.js';
import { openDatabase } from './database/open-database.js';
import { STOP, stopOnSignals } from './http/server/stop-on-signals.js';
import { smallShareWarning, workerVariables } from './pool-share.js';

/**
 * Pause before the primary replaces a worker that ended. It doubles after each replacement that did not start, up to the
 * maximum. A worker that always fails therefore does not keep a core busy.
 */
const REPLACE_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 30_000;

/** Returns whether this process is the primary, which serves no requests and supervises the workers. */
export function isPrimary({ workers }: Pick<Environment, 'workers'>): boolean {
  return workers > 1 && cluster.isPrimary;
}

/** Returns whether this process prints the start-up banner: the first worker, or the only process. */
export function isFirst(): boolean {
  return !cluster.worker || cluster.worker.id === 1;
}

/**
 * Runs `WORKERS` workers, which serve on one port, until a signal. It keeps the embedded server running while it replaces
 * workers. The first worker starts alone and migrates the shared schema, so that a failed start is reported once.
 *
 * @throws Error if a worker ends during the start before it serves. The worker has reported the reason
 */
export async function superviseWorkers(
  environment: Environment,
  logger: LoggerService,
): Promise<void> {
  const database = await openDatabase(environment, (line) => logger.log(line, 'Database'), {
    isKeptRunning: true,
  });
  const supervisor = new Supervisor(environment, logger);
  const stop = async (): Promise<number> => {
    const code = await supervisor.stop();
    await database.release();
    return code;
  };
  stopOnSignals(stop);
  try {
    await supervisor.run();
  } catch (error) {
    await stop();
    throw error;
  }
}

class Supervisor {
  /** The running workers, and whether each already serves requests. */
  private readonly workers = new Map<Worker, { isServing: boolean }>();
  private isStopping = false;

  constructor(
    private readonly environment: Environment,
    private readonly logger: LoggerService,
  ) {}

  /** Starts all workers, and replaces each worker that ends, until `stop()`. */
  async run(): Promise<void> {
    const warning = smallShareWarning(this.environment);
    if (warning !== undefined) this.logger.warn(warning, 'Workers');
    const started = await this.startAll().catch((error: unknown) => {
      throw new Error(`${(error as Error).message}. The primary stops all workers.`);
    });
    await Promise.all(started.map((worker, place) => this.keep(place, worker)));
  }

  /** Lets every worker finish its requests. Returns the exit code: 0 if all workers finished. */
  async stop(): Promise<number> {
    this.isStopping = true;
    const codes = Array.from(this.workers, async ([worker, { isServing }]) => {
      const exit = once(worker, 'exit') as Promise<[number | null]>;
      if (isServing && worker.isConnected()) worker.send(STOP);
      else worker.process.kill('SIGKILL');
      const [code] = await exit;
      // A worker that did not serve yet has aborted no request.
      return isServing ? code : 0;
    });
    return (await Promise.all(codes)).every((code) => code === 0) ? 0 : 1;
  }

  private async startAll(): Promise<(Worker | undefined)[]> {
    const [first = 0, ...others] = Array.from({ length: this.environment.workers }).keys();
    return [
      await this.start(first),
      ...(await Promise.all(others.map((place) => this.start(place)))),
    ];
  }

  private async keep(place: number, first: Worker | undefined): Promise<void> {
    for (let worker = first; worker; worker = await this.replace(place)) {
      if (!worker.isDead()) await once(worker, 'exit');
      if (this.isStopping) return;
      const { pid, exitCode, signalCode } = worker.process;
      this.logger.warn(
        `Worker ${pid} ended (${signalCode ?? exitCode}). Starting a new worker.`,
        'Workers',
      );
    }
  }

  /** Starts workers until one serves, and returns it. Returns undefined while the application stops. */
  private async replace(place: number): Promise<Worker | undefined> {
    for (let pauseMs = REPLACE_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      await sleep(pauseMs);
      try {
        return await this.start(place);
      } catch (error) {
        this.logger.warn(`${(error as Error).message}. Starting another worker.`, 'Workers');
      }
    }
  }

  /**
   * Starts a worker, and returns it as soon as it serves. Returns undefined while the application stops.
   *
   * @throws Error if the worker ends before it serves
   */
  private async start(place: number): Promise<Worker | undefined> {
    if (this.isStopping) return undefined;
    const worker = cluster.fork(workerVariables(this.environment, place));
    const state = { isServing: false };
    this.workers.set(worker, state);
    worker.once('exit', () => this.workers.delete(worker));
    worker.once('listening', () => {
      state.isServing = true;
    });
    await Promise.race([once(worker, 'listening'), once(worker, 'exit')]);
    if (state.isServing) return worker;
    if (this.isStopping) return undefined;
    throw new Error(`Worker ${worker.process.pid} ended before it served requests`);
  }
}
