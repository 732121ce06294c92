import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Answer, Request } from './protocol.js';

export interface ProcessOptions {
  /** Runs it as another user; only root may. */
  uid?: number;
  gid?: number;
  env?: NodeJS.ProcessEnv;
}

/** Error that happened in the child, with its code and message. */
export class ChildError extends Error {
  constructor(
    readonly code: string | undefined,
    message: string,
    readonly originalStack: string | undefined,
  ) {
    super(message);
  }
}

/** A real process that uses the embedded server. */
export class TestProcess {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private readonly gone: Promise<unknown>;
  private nextId = 1;

  constructor(script: string, options: ProcessOptions) {
    this.child = fork(script, [], { ...options, execArgv: [], stdio: ['ignore', 2, 2, 'ipc'] });
    this.child.on('message', (answer: Answer) => this.waiting.get(answer.id)?.(answer));
    this.gone = once(this.child, 'exit');
  }

  get pid(): number {
    if (!this.child.pid) throw new Error('The process did not start.');
    return this.child.pid;
  }

  /** Rejects with a ChildError when the child says so, and when it dies before it answers. */
  async ask(request: Request): Promise<Answer> {
    const id = this.nextId++;
    const answered = new Promise<Answer>((resolve) => this.waiting.set(id, resolve));
    this.child.send({ id, ...request });
    const answer = await Promise.race([answered, this.gone.then(() => undefined)]);
    if (!answer) throw new Error('The process died before it answered.');
    const { error } = answer;
    if (error) throw new ChildError(error.code, error.message, error.stack);
    return answer;
  }

  async acquire(dataDir: string, settings?: Record<string, string>): Promise<Required<Answer>> {
    // Data of a test may be lost in a power failure.
    const all = { fsync: 'off', ...settings };
    return (await this.ask({ do: 'acquire', dataDir, settings: all })) as Required<Answer>;
  }

  /** Acquires the server, and starts it again whenever it ends. */
  async keep(dataDir: string): Promise<Required<Answer>> {
    const settings = { fsync: 'off' };
    const request = { do: 'acquire', dataDir, settings, isKeptRunning: true } as const;
    return (await this.ask(request)) as Required<Answer>;
  }

  async release(): Promise<Required<Answer>> {
    return (await this.ask({ do: 'release' })) as Required<Answer>;
  }

  /** `kill -9`; returns when it is gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.gone;
  }
}
