import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import type { Environment } from './config/environment.interface.js';
import { openDatabase } from './database/open-database.js';
import { STOP, stopOnSignals } from './http/server/stop-on-signals.js';
import { smallShareWarning, workerVariables } from './pool-share.js';

/**
 * How long a worker's place stays empty, so that one that always dies does not keep a core busy: at first, and at most, as it is
 * twice as long after each replacement that could not start.
 */
const REPLACE_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** Whether this process serves nothing itself, but looks after the workers that do. */
export function isPrimary({ workers }: Pick<Environment, 'workers'>): boolean {
  return workers > 1 && cluster.isPrimary;
}

/** Whether this process is the one that tells people that the application has started. */
export function isFirst(): boolean {
  return !cluster.worker || cluster.worker.id === 1;
}

/**
 * Looks after as many workers as `WORKERS` says, which serve on one port, until a signal. Holds the embedded server while
 * workers come and go. The first worker starts alone: it migrates the shared schema, and what fails, fails once.
 *
 * @throws Error when one of the first workers ended before it served; it has said why
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
  /** Those that run, and whether they serve already. */
  private readonly workers = new Map<Worker, { isServing: boolean }>();
  private isStopping = false;

  constructor(
    private readonly environment: Environment,
    private readonly logger: LoggerService,
  ) {}

  /** Keeps a worker in every place, until `stop()`. */
  async run(): Promise<void> {
    const warning = smallShareWarning(this.environment);
    if (warning !== undefined) this.logger.warn(warning, 'Workers');
    const started = await this.startAll().catch((error: unknown) => {
      throw new Error(`${(error as Error).message}, and so all of them end.`);
    });
    await Promise.all(started.map((worker, place) => this.keep(place, worker)));
  }

  /** Lets every worker finish its requests. Returns the exit code: 0 when all of them could. */
  async stop(): Promise<number> {
    this.isStopping = true;
    const codes = Array.from(this.workers, async ([worker, { isServing }]) => {
      const exit = once(worker, 'exit') as Promise<[number | null]>;
      if (isServing && worker.isConnected()) worker.send(STOP);
      else worker.process.kill('SIGKILL');
      const [code] = await exit;
      // One that did not serve yet has broken nothing off.
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
        `Worker ${pid} ended (${signalCode ?? exitCode}). Another one is started.`,
        'Workers',
      );
    }
  }

  /** A worker in the place of one that ended: tried until one serves, as the others do meanwhile. None while everything stops. */
  private async replace(place: number): Promise<Worker | undefined> {
    for (let pauseMs = REPLACE_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      await sleep(pauseMs);
      try {
        return await this.start(place);
      } catch (error) {
        this.logger.warn(`${(error as Error).message}. Trying again.`, 'Workers');
      }
    }
  }

  /**
   * A worker that serves, or none while everything stops.
   *
   * @throws Error when it ended before it served
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
    throw new Error(`Worker ${worker.process.pid} ended before it served`);
  }
}
